//! A key that somebody writes into a chat: it is not kept, and they are told never to do so.

/// Whether a message holds what looks like a private key: a Stellar seed, 32 bytes in hex, or a Solana key pair in base58.
#[must_use]
pub fn looks_like_key(text: &str) -> bool {
    text.split(|letter: char| !letter.is_ascii_alphanumeric()).any(is_key)
}

fn is_key(word: &str) -> bool {
    let hex = word.strip_prefix("0x").unwrap_or(word);
    let base32 = |byte: u8| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte);
    let base58 = |byte: u8| byte.is_ascii_alphanumeric() && !matches!(byte, b'0' | b'O' | b'I' | b'l');
    (word.len() == 56 && word.starts_with('S') && word.bytes().all(base32))
        || (hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
        || ((86..=88).contains(&word.len()) && word.bytes().all(base58))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_seen_and_words_are_not() {
        let seed = format!("S{}", "A".repeat(55));
        let hex = "0x1111111111111111111111111111111111111111111111111111111111111111";
        let pair = "5".repeat(87);
        for key in [seed.as_str(), hex, &hex[2..], &pair, &format!("here it is: {seed}."), &format!("key={pair}")] {
            assert!(looks_like_key(key), "{key}");
        }
        let address = format!("G{}", "A".repeat(55));
        for other in ["", "/bots", "a message of many words", &address, &seed[..55], &hex[..60], &"5".repeat(44)] {
            assert!(!looks_like_key(other), "{other}");
        }
    }
}
