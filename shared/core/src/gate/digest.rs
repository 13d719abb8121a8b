//! 32-byte digests and the one spelling they have on the wire.

use aws_lc_rs::digest::{Context, SHA256};

/// SHA-256 of the parts, each behind its length, so that no two lists of parts share a digest.
pub(super) fn of_parts(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    finish(context)
}

/// SHA-256 of the bytes.
pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    context.update(bytes);
    finish(context)
}

fn finish(context: Context) -> [u8; 32] {
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    digest
}

/// Reads 64 lower-case hex digits; upper case is another spelling of the same bytes and refused.
pub(super) fn read_lower_hex(text: &str) -> Option<[u8; 32]> {
    if !text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut digest = [0; 32];
    hex::decode_to_slice(text, &mut digest).ok().map(|()| digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_spelling_is_read() {
        let text = "a0".repeat(32);
        assert_eq!(read_lower_hex(&text), Some([0xa0; 32]));
        for bad in [text.to_uppercase(), format!("{text}a0"), text[2..].to_owned(), format!("{}g", &text[1..])] {
            assert_eq!(read_lower_hex(&bad), None, "{bad}");
        }
    }

    #[test]
    fn parts_do_not_run_into_each_other() {
        assert_ne!(of_parts(&[b"ab", b"c"]), of_parts(&[b"a", b"bc"]));
        assert_eq!(hex::encode(sha256(b"")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
