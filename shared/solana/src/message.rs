//! A message taken apart: who signs, which accounts there are, which programs are called with what.

use crate::{SolanaError, reader::Reader, soundness};

/// The bit that tells a versioned message from a legacy one, whose first byte is a number of signers.
const VERSIONED: u8 = 0x80;

/// What was read of a message.
#[derive(Clone, Debug)]
pub(crate) struct Message {
    /// How many of the first keys must sign.
    pub(crate) signers: usize,
    /// How many of the signers, the last of them, are read alone.
    pub(crate) readonly_signers: usize,
    /// How many of the other keys, the last of them, are read alone.
    pub(crate) readonly_others: usize,
    pub(crate) keys: Vec<[u8; 32]>,
    pub(crate) instructions: Vec<Instruction>,
    /// Per address table: how many accounts are loaded from it.
    pub(crate) lookups: Vec<usize>,
}

/// A call of a program.
#[derive(Clone, Debug)]
pub(crate) struct Instruction {
    pub(crate) program: u8,
    pub(crate) accounts: Vec<u8>,
    pub(crate) data: Vec<u8>,
}

impl Message {
    /// Reads the whole of `bytes`.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, SolanaError> {
        let mut reader = Reader(bytes);
        let is_versioned = match bytes.first() {
            None => return Err(SolanaError::Truncated),
            Some(&VERSIONED) => reader.take(1).map(|_| true)?,
            Some(first) if first & VERSIONED != 0 => return Err(SolanaError::Version),
            Some(_) => false,
        };
        let [signers, readonly_signers, readonly_others] = reader.array::<3>()?.map(usize::from);
        let keys = reader.list(Reader::array)?;
        reader.array::<32>()?; // a recent blockhash, or a nonce
        let instructions = reader.list(instruction)?;
        let lookups = if is_versioned { reader.list(lookup)? } else { Vec::new() };
        reader.end()?;
        let message = Self { signers, readonly_signers, readonly_others, keys, instructions, lookups };
        soundness::check(&message)?;
        Ok(message)
    }

    /// The place of a key among those that must sign.
    pub(crate) fn signer(&self, key: &[u8; 32]) -> Option<usize> {
        self.keys.iter().take(self.signers).position(|signer| signer == key)
    }

    /// The program an instruction calls.
    pub(crate) fn program(&self, instruction: &Instruction) -> Option<&[u8; 32]> {
        self.keys.get(usize::from(instruction.program))
    }
}

fn instruction(reader: &mut Reader<'_>) -> Result<Instruction, SolanaError> {
    let [program] = reader.array()?;
    Ok(Instruction { program, accounts: reader.bytes()?.to_vec(), data: reader.bytes()?.to_vec() })
}

fn lookup(reader: &mut Reader<'_>) -> Result<usize, SolanaError> {
    reader.array::<32>()?;
    Ok(reader.bytes()?.len() + reader.bytes()?.len())
}
