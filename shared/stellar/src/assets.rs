//! Says whether the asset codes of an operation are codes at all (CAP-5 and stellar-core's `isAssetValid`).

use stellar_xdr::{
    Asset, AssetCode, ChangeTrustAsset, ContractIdPreimage, HostFunction, LedgerKey, LiquidityPoolParameters,
    OperationBody, RevokeSponsorshipOp, TrustLineAsset,
};

/// Whether every asset the operation names has a valid code.
pub(crate) fn all_valid(body: &OperationBody) -> bool {
    match body {
        OperationBody::Payment(op) => valid(&op.asset),
        OperationBody::PathPaymentStrictReceive(op) => path(&op.send_asset, &op.path, &op.dest_asset),
        OperationBody::PathPaymentStrictSend(op) => path(&op.send_asset, &op.path, &op.dest_asset),
        OperationBody::ManageSellOffer(op) => pair(&op.selling, &op.buying),
        OperationBody::ManageBuyOffer(op) => pair(&op.selling, &op.buying),
        OperationBody::CreatePassiveSellOffer(op) => pair(&op.selling, &op.buying),
        OperationBody::ChangeTrust(op) => line(&op.line),
        OperationBody::AllowTrust(op) => bare(&op.asset),
        OperationBody::CreateClaimableBalance(op) => valid(&op.asset),
        OperationBody::Clawback(op) => valid(&op.asset),
        OperationBody::SetTrustLineFlags(op) => valid(&op.asset),
        OperationBody::RevokeSponsorship(RevokeSponsorshipOp::LedgerEntry(LedgerKey::Trustline(key))) => {
            held(&key.asset)
        }
        OperationBody::InvokeHostFunction(op) => of_contract(&op.host_function),
        _ => true,
    }
}

/// A contract that is made for an asset names it.
fn of_contract(function: &HostFunction) -> bool {
    let preimage = match function {
        HostFunction::CreateContract(args) => &args.contract_id_preimage,
        HostFunction::CreateContractV2(args) => &args.contract_id_preimage,
        HostFunction::InvokeContract(_) | HostFunction::UploadContractWasm(_) => return true,
    };
    match preimage {
        ContractIdPreimage::Asset(asset) => valid(asset),
        ContractIdPreimage::Address(_) => true,
    }
}

fn valid(asset: &Asset) -> bool {
    match asset {
        Asset::Native => true,
        Asset::CreditAlphanum4(asset) => code(&asset.asset_code.0, 1),
        Asset::CreditAlphanum12(asset) => code(&asset.asset_code.0, 5),
    }
}

fn pair(one: &Asset, other: &Asset) -> bool {
    valid(one) && valid(other)
}

fn path(from: &Asset, hops: &[Asset], to: &Asset) -> bool {
    pair(from, to) && hops.iter().all(valid)
}

fn line(asset: &ChangeTrustAsset) -> bool {
    match asset {
        ChangeTrustAsset::Native => true,
        ChangeTrustAsset::CreditAlphanum4(asset) => code(&asset.asset_code.0, 1),
        ChangeTrustAsset::CreditAlphanum12(asset) => code(&asset.asset_code.0, 5),
        ChangeTrustAsset::PoolShare(LiquidityPoolParameters::LiquidityPoolConstantProduct(pool)) => {
            pair(&pool.asset_a, &pool.asset_b)
        }
    }
}

fn held(asset: &TrustLineAsset) -> bool {
    match asset {
        TrustLineAsset::Native | TrustLineAsset::PoolShare(_) => true,
        TrustLineAsset::CreditAlphanum4(asset) => code(&asset.asset_code.0, 1),
        TrustLineAsset::CreditAlphanum12(asset) => code(&asset.asset_code.0, 5),
    }
}

fn bare(asset: &AssetCode) -> bool {
    match asset {
        AssetCode::CreditAlphanum4(asset) => code(&asset.0, 1),
        AssetCode::CreditAlphanum12(asset) => code(&asset.0, 5),
    }
}

/// At least `shortest` letters or digits, then zeros only.
fn code(bytes: &[u8], shortest: usize) -> bool {
    let letters = bytes.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    letters >= shortest && bytes.iter().skip(letters).all(|byte| *byte == 0)
}

#[cfg(test)]
mod tests {
    use super::code;

    #[test]
    fn codes_are_letters_and_digits_then_zeros() {
        for good in [b"A\0\0\0", b"usd\0", b"X1Y2"] {
            assert!(code(good, 1));
        }
        for bad in [b"\0\0\0\0", b"A\0B\0", b"A B\0", b"A\xc3\x84\0", b"\0ABC"] {
            assert!(!code(bad, 1));
        }
        assert!(code(b"FIVE5\0\0\0\0\0\0\0", 5));
        assert!(!code(b"FOUR\0\0\0\0\0\0\0\0", 5));
    }
}
