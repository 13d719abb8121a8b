//! The fields of the three kinds of unsigned transactions, checked one by one.

use countersign_core::keyring::EvmAddress;

use crate::{EvmError, Kind, reader::Items};

/// What was read of a transaction.
#[derive(Clone, Debug)]
pub(crate) struct Fields {
    pub(crate) chain_id: u64,
    pub(crate) nonce: u64,
    pub(crate) to: Option<EvmAddress>,
    /// Wei of value and gas at most; none above 128 bits, and where a contract may be called.
    pub(crate) outflow: Option<u128>,
}

/// How many fields an unsigned transaction has: legacy with EIP-155's chain id and two zeros.
pub(crate) const fn unsigned(kind: Kind) -> usize {
    match kind {
        Kind::Legacy | Kind::Eip1559 => 9,
        Kind::Eip2930 => 8,
    }
}

/// Reads all fields.
pub(crate) fn read(kind: Kind, mut items: Items<'_>) -> Result<Fields, EvmError> {
    count(kind, &items)?;
    let typed_chain = if kind == Kind::Legacy { None } else { Some(items.number_64()?) };
    let nonce = nonce(&mut items)?;
    let tip = if kind == Kind::Eip1559 { Some(items.number()?) } else { None };
    let price = items.number()?;
    if tip.is_some_and(|tip| tip.is_above(price)) {
        return Err(EvmError::Tip);
    }
    let gas = items.number_64()?;
    let to = address(items.bytes()?)?;
    let value = items.number()?;
    let data = items.bytes()?;
    let chain_id = match typed_chain {
        Some(chain) => access_list(items.list()?).map(|()| chain)?,
        None => legacy_end(items)?,
    };
    if chain_id == 0 {
        return Err(EvmError::ChainId);
    }
    let fee = price.to_u128().and_then(|price| price.checked_mul(u128::from(gas)));
    // What a contract moves that is called in the account's name, tokens first of all, cannot be read. A new contract's code
    // runs in its own name.
    let calls = to.is_some() && !data.is_empty();
    let outflow = fee.zip(value.to_u128()).filter(|_| !calls).and_then(|(fee, value)| fee.checked_add(value));
    Ok(Fields { chain_id, nonce, to, outflow })
}

/// Three fields more than unsigned are a signature; a legacy transaction has as many fields either way.
fn count(kind: Kind, items: &Items<'_>) -> Result<(), EvmError> {
    let count = items.count()?;
    match kind {
        _ if count == unsigned(kind) => Ok(()),
        Kind::Legacy if count == 6 => Err(EvmError::NoChainId),
        Kind::Eip2930 | Kind::Eip1559 if count == unsigned(kind) + 3 => Err(EvmError::AlreadySigned),
        _ => Err(EvmError::Fields),
    }
}

/// EIP-155: the chain id and two zeros, where a signed one has v, r and s.
fn legacy_end(mut items: Items<'_>) -> Result<u64, EvmError> {
    let chain_id = items.number()?;
    if !(items.number()?.is_zero() && items.number()?.is_zero()) {
        return Err(EvmError::AlreadySigned);
    }
    chain_id.to_u128().and_then(|chain| chain.try_into().ok()).ok_or(EvmError::FieldLength)
}

/// EIP-2681: no account has a transaction of the number 2^64 - 1.
fn nonce(items: &mut Items<'_>) -> Result<u64, EvmError> {
    match items.number_64()? {
        u64::MAX => Err(EvmError::Nonce),
        nonce => Ok(nonce),
    }
}

fn address(bytes: &[u8]) -> Result<Option<EvmAddress>, EvmError> {
    match bytes {
        [] => Ok(None),
        bytes => bytes.try_into().map(|bytes| Some(EvmAddress::new(bytes))).map_err(|_| EvmError::To),
    }
}

/// EIP-2930: pairs of an address and a list of storage slots of 32 bytes.
fn access_list(mut entries: Items<'_>) -> Result<(), EvmError> {
    while !entries.is_empty() {
        let mut entry = entries.list()?;
        let is_address = entry.bytes()?.len() == 20;
        let mut slots = entry.list()?;
        if !is_address || !entry.is_empty() {
            return Err(EvmError::FieldLength);
        }
        while !slots.is_empty() {
            if slots.bytes()?.len() != 32 {
                return Err(EvmError::FieldLength);
            }
        }
    }
    Ok(())
}
