//! Searches a process's memory for a key that must not be there any more.

use std::{fs::File, io, os::unix::fs::FileExt as _};

use zeroize::Zeroizing;

/// How much is read at once, in bytes.
const CHUNK: usize = 1 << 20;
/// Half a key of 32 bytes is found too.
const PIECE: usize = 16;
/// What a key is kept under here, so that the search does not find what it searches with.
const MASK: u8 = 0xa5;

/// A key that is searched, kept masked.
#[derive(Clone, Debug)]
pub struct MaskedKey(Vec<u8>);

impl MaskedKey {
    /// Of its bytes in hex, which are other bytes than those that are searched.
    #[must_use]
    pub fn of_hex(hex: &str) -> Self {
        let pairs = hex.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok());
        Self(pairs.filter_map(|pair| u8::from_str_radix(pair, 16).ok()).map(|byte| byte ^ MASK).collect())
    }

    /// Of any text, for what is searched in its written form.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        Self(text.bytes().map(|byte| byte ^ MASK).collect())
    }

    /// How often a piece of it is in memory of this process that can be written, forwards or backwards (numbers are kept so):
    /// at least once for each, none where there is none. A process that searches itself sees what it has read once more.
    /// `process` is an id, or `self`.
    ///
    /// # Errors
    /// Where the process's memory cannot be read.
    pub fn found_in(&self, process: &str) -> io::Result<usize> {
        let backwards: Vec<u8> = self.0.iter().rev().copied().collect();
        let whole = |pieces: std::slice::Chunks<'_, u8>| {
            pieces.filter(|piece| piece.len() == PIECE).map(<[u8]>::to_vec).collect::<Vec<_>>()
        };
        let pieces = [whole(self.0.chunks(PIECE)), whole(backwards.chunks(PIECE))].concat();
        let memory = File::open(format!("/proc/{process}/mem"))?;
        // Wiped, or a later search would find what this one has read.
        let mut chunk = Zeroizing::new(vec![0; CHUNK + PIECE - 1]);
        let mut count = 0;
        for (start, end) in mappings(process)? {
            for at in (start..end).step_by(CHUNK) {
                let length = usize::try_from(end - at).unwrap_or(usize::MAX).min(chunk.len());
                let Some(part) = chunk.get_mut(..length) else { continue };
                // A page that is not there is not readable either.
                let Ok(read) = memory.read_at(part, at) else { continue };
                let seen = part.get(..read).unwrap_or_default();
                count += pieces.iter().map(|piece| occurrences(seen, piece)).sum::<usize>();
            }
        }
        Ok(count)
    }
}

fn occurrences(chunk: &[u8], piece: &[u8]) -> usize {
    let Some(first) = piece.first().map(|byte| byte ^ MASK) else { return 0 };
    let is_it = |here: &[u8]| here.iter().zip(piece).all(|(byte, masked)| byte ^ MASK == *masked);
    chunk.windows(piece.len()).filter(|here| here.first() == Some(&first) && is_it(here)).count()
}

/// Readable and writable parts of the address space: heap, stacks, data.
fn mappings(process: &str) -> io::Result<Vec<(u64, u64)>> {
    let text = std::fs::read_to_string(format!("/proc/{process}/maps"))?;
    let lines = text.lines().filter(|line| line.split(' ').nth(1).is_some_and(|rights| rights.starts_with("rw")));
    let range = |line: &str| {
        let (start, end) = line.split(' ').next()?.split_once('-')?;
        Some((u64::from_str_radix(start, 16).ok()?, u64::from_str_radix(end, 16).ok()?))
    };
    Ok(lines.filter_map(range).collect())
}
