//! A private key that somebody writes into a chat. Its text is dropped where an update is read, so that no handler, no record and
//! no line of the log can have it.

use super::{BotCommand, Chat, read_command};

/// How many numbers Solana's tools write a key pair as.
const PAIR_NUMBERS: usize = 64;

/// The parts of a block explorer's address after which the hash of a transaction stands.
const BEFORE_A_HASH: [&str; 5] = ["tx", "txs", "transaction", "transactions", "block"];

/// Whether a message is to be taken for one with a private key.
///
/// In the person's own chat that is whatever may be one, although a hash in hex and a signature in base58 look the same: the bot has
/// nothing to do with a hash that is written to it, a word such as "hash" beside it proves nothing, and a key that stays in the chat
/// is worse than a hash that is deleted. What stands in the address of a block explorer, after `/tx/` and the like, is public, and is
/// left. In a group, and in a command of a service, where a hash has as good a right to be, it is what can be nothing else.
#[must_use]
pub fn holds_key(text: &str, chat: Chat) -> bool {
    let of_service = read_command(text).is_some_and(|named| BotCommand::named(&named.name).is_none());
    let is_key = if chat.is_private && !of_service { may_be_key } else { is_surely_key };
    has_list(text) || text.split_whitespace().any(|word| has_key(word, is_key))
}

/// Whether one of the pieces of a word is a key.
fn has_key(word: &str, is_key: fn(&str) -> bool) -> bool {
    let pieces = |text: &str| text.split(|letter: char| !letter.is_ascii_alphanumeric()).any(is_key);
    let Some((before, address)) = word.split_once("https://").or_else(|| word.split_once("http://")) else {
        return pieces(word);
    };
    let mut was_before_a_hash = false;
    let in_address = address.split('/').any(|part| {
        let named = std::mem::replace(&mut was_before_a_hash, BEFORE_A_HASH.contains(&part));
        let hash = part.find(|letter: char| !letter.is_ascii_alphanumeric()).unwrap_or(part.len());
        let rest = if named { part.get(hash..).unwrap_or_default() } else { part };
        pieces(rest) || part.split(|letter: char| !letter.is_ascii_alphanumeric()).any(is_surely_key)
    });
    pieces(before) || in_address
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

/// Solana's list of 64 numbers, in brackets or without, whatever stands before and after it.
fn has_list(text: &str) -> bool {
    let is_byte = |digits: &str| digits.parse::<u8>().is_ok();
    let mut run = 0;
    text.split(',').any(|part| {
        let part = part.trim();
        let not_digit = |letter: char| !letter.is_ascii_digit();
        let (first, last) = (part.find(not_digit), part.rfind(not_digit));
        let (Some(first), Some(last)) = (first, last) else {
            run = if is_byte(part) { run + 1 } else { 0 };
            return run >= PAIR_NUMBERS;
        };
        // Words end one list and may begin another.
        let ended = run + usize::from(part.get(..first).is_some_and(is_byte));
        let begins = part.get(last..).map(|rest| rest.trim_start_matches(not_digit)).is_some_and(is_byte);
        run = usize::from(begins);
        ended >= PAIR_NUMBERS
    })
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
        let bare = list.trim_matches(['[', ']']);
        let said = [
            format!("here it is: {seed}."),
            format!("key={pair}"),
            format!("{list}\n"),
            list.replace(',', ", "),
            bare.to_owned(),
            format!("key: {bare}"),
            format!("1, 2, then {bare} is it, 5"),
            format!("https://a.example/?key={hex}"),
            format!("https://a.example/{hex}"),
            format!("https://a.example/tx/{seed}"),
            format!("https://a.example/tx/1?key={hex}"),
            format!("the hash {hex}"),
        ];
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
    fn the_address_of_a_transaction_is_no_key() {
        let (hash, signature) = ("1f".repeat(32), "5".repeat(88));
        for link in [
            format!("https://stellar.expert/explorer/public/tx/{hash}"),
            format!("look: (https://etherscan.io/tx/0x{hash})"),
            format!("http://solscan.io/tx/{signature}?cluster=devnet"),
            format!("https://horizon.stellar.org/transactions/{hash}/operations"),
        ] {
            assert!(!holds(&link, 7), "{link}");
            assert!(holds(&format!("{link} {hash}"), 7), "{link}");
        }
        let numbers = (0..63).map(|number| number.to_string()).collect::<Vec<_>>().join(",");
        assert!(!holds(&numbers, 7) && !holds(&format!("{numbers},256"), 7) && !holds(&format!("{numbers};5"), 7));
    }

    #[test]
    fn a_hash_is_left_where_it_may_be_meant() {
        let (seed, hash) = (format!("S{}", "A".repeat(55)), "1".repeat(64));
        assert!(!holds(&hash, -7) && holds(&seed, -7));
        assert!(!holds(&format!("/trace {hash}"), 7) && holds(&format!("/trace {seed}"), 7));
    }
}
