//! A private key that somebody writes into a chat. Its text is dropped where an update is read, so that no handler, no record and
//! no line of the log can have it.

use super::{BotCommand, Chat, read_command};

/// How many numbers Solana's tools write a key pair as.
const PAIR_NUMBERS: usize = 64;

/// Whether a message is to be taken for one with a private key. In the person's own chat that is whatever may be one. In a group,
/// and in a command of a service, where a transaction's hash has as good a right to be, it is what can be nothing else.
#[must_use]
pub fn holds_key(text: &str, chat: Chat) -> bool {
    let of_service = read_command(text).is_some_and(|named| BotCommand::named(&named.name).is_none());
    let is_key = if chat.is_private && !of_service { may_be_key } else { is_surely_key };
    has_list(text) || text.split(|letter: char| !letter.is_ascii_alphanumeric()).any(is_key)
}

/// A Stellar seed: nothing else begins with an S and is as long.
fn is_surely_key(word: &str) -> bool {
    let base32 = |byte: u8| byte.is_ascii_uppercase() || (b'2'..=b'7').contains(&byte);
    word.len() == 56 && word.starts_with('S') && word.bytes().all(base32)
}

/// That, 32 bytes in hex, or 64 bytes in base58: a hash and a signature look the same.
fn may_be_key(word: &str) -> bool {
    let hex = word.strip_prefix("0x").unwrap_or(word);
    let base58 = |byte: u8| byte.is_ascii_alphanumeric() && !matches!(byte, b'0' | b'O' | b'I' | b'l');
    is_surely_key(word)
        || (hex.len() == 64 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
        || ((80..=90).contains(&word.len()) && word.bytes().all(base58))
}

/// Solana's list of 64 numbers, in brackets or without.
fn has_list(text: &str) -> bool {
    let bytes = |list: &str| list.split(',').filter(|number| number.trim().parse::<u8>().is_ok()).count();
    text.split(['[', ']']).any(|list| bytes(list) >= PAIR_NUMBERS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ChatId;

    fn holds(text: &str, id: i64) -> bool {
        holds_key(text, Chat { id: ChatId::new(id).unwrap(), is_private: id > 0 })
    }

    #[test]
    fn keys_are_seen_and_words_are_not() {
        let seed = format!("S{}", "A".repeat(55));
        let hex = "0x1111111111111111111111111111111111111111111111111111111111111111";
        let pair = "5".repeat(87);
        let list = serde_json::to_string(&(0..64).collect::<Vec<u8>>()).unwrap();
        let commands = [format!("/setname {hex}"), format!("/bots@our_bot {pair}"), format!("/weather {seed}")];
        let said =
            [format!("here it is: {seed}."), format!("key={pair}"), format!("{list}\n"), list.replace(',', ", ")];
        for key in [seed.as_str(), hex, &hex[2..], &pair, &list]
            .into_iter()
            .chain(commands.iter().chain(&said).map(|key| &**key))
        {
            assert!(holds(key, 7), "{key}");
        }
        let address = format!("G{}", "A".repeat(55));
        for other in
            ["", "/bots", "a message of many words", &address, &seed[..55], &hex[..60], &"5".repeat(44), "[1,2,3]"]
        {
            assert!(!holds(other, 7), "{other}");
        }
    }

    #[test]
    fn a_hash_is_left_where_it_may_be_meant() {
        let (seed, hash) = (format!("S{}", "A".repeat(55)), "1".repeat(64));
        assert!(!holds(&hash, -7) && holds(&seed, -7));
        assert!(!holds(&format!("/trace {hash}"), 7) && holds(&format!("/trace {seed}"), 7));
    }
}
