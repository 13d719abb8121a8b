//! What a button carries: which proposal, which answer, and the token of the copy that it stands under.

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq as _;

use crate::{ApprovalId, Secret, messaging::button_data};

/// What the data of every button of ours begins with.
const PREFIX: &str = "a";
/// How many bytes a token has.
const TOKEN_BYTES: usize = 16;

/// What only one copy's buttons carry: 16 random bytes. Only its hash is stored, so nobody who reads the table can press.
pub struct Token(Secret);

impl Token {
    /// A token of this randomness.
    #[must_use]
    pub fn new(random: [u64; 2]) -> Self {
        Self(Secret::new(random.iter().flat_map(|part| part.to_be_bytes()).collect()))
    }

    /// SHA-256 of its bytes, lower-case hex.
    #[must_use]
    pub fn hash(&self) -> String {
        hex::encode(digest(&SHA256, self.0.expose()))
    }

    /// Whether it is the token of this hash, compared in constant time.
    #[must_use]
    pub fn is_of(&self, hash: &str) -> bool {
        self.hash().as_bytes().ct_eq(hash.as_bytes()).into()
    }

    /// Reads it as a button carries it.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        (bytes.len() == TOKEN_BYTES).then(|| Self(Secret::new(bytes)))
    }
}

/// The data of one button: `a.<proposal>.<choice>.<token>`.
pub struct ButtonData {
    /// Which proposal.
    pub id: ApprovalId,
    /// Which of its answers, from 0.
    pub choice: usize,
    /// Of which copy.
    pub token: Token,
}

impl ButtonData {
    /// Whether the data of a button is one of ours, good or not.
    #[must_use]
    pub fn is_ours(data: &str) -> bool {
        button_data::begins(data, PREFIX)
    }

    /// Reads a button's data; none where nobody but a forger can have made it.
    #[must_use]
    pub fn read(data: &str) -> Option<Self> {
        let [id, choice, token] = button_data::parts(data, PREFIX)?;
        let choice = button_data::number(choice)?;
        Some(Self { id: id.parse().ok()?, choice, token: Token::read(token)? })
    }

    /// Writes what [`ButtonData::read`] reads: at most 64 bytes.
    #[must_use]
    pub fn write(id: ApprovalId, choice: usize, token: &Token) -> String {
        format!("{PREFIX}.{id}.{choice}.{}", URL_SAFE_NO_PAD.encode(token.0.expose()))
    }
}

/// SHA-256 of what a person can see of a text, lower-case hex: Telegram trims and cleans texts, so spaces and characters
/// without a picture do not count.
#[must_use]
pub fn text_hash(text: &str) -> String {
    let seen: String = text.chars().filter(|letter| is_seen(*letter)).collect();
    hex::encode(digest(&SHA256, seen.as_bytes()))
}

fn is_seen(letter: char) -> bool {
    let cleaned = matches!(letter, '\u{ad}' | '\u{30a}' | '\u{333}' | '\u{33f}' | '\u{feff}' | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202f}' | '\u{2060}'..='\u{206f}');
    !letter.is_whitespace() && !letter.is_control() && !cleaned
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits;

    #[test]
    fn data_fits_and_is_read_back() {
        let id = ApprovalId::new((1 << 53) - 1).unwrap();
        let token = Token::new([u64::MAX, 1]);
        let data = ButtonData::write(id, 19, &token);
        assert!(data.len() <= limits::CALLBACK_DATA_BYTES, "{data}");
        let read = ButtonData::read(&data).unwrap();
        assert_eq!((read.id, read.choice), (id, 19));
        assert!(read.token.is_of(&token.hash()));
        assert!(!read.token.is_of(&Token::new([u64::MAX, 2]).hash()));
        assert!(!read.token.is_of(""));
    }

    #[test]
    fn nothing_else_is_read() {
        let good = ButtonData::write(ApprovalId::new(7).unwrap(), 0, &Token::new([1, 2]));
        assert!(ButtonData::read(&good).is_some() && ButtonData::is_ours(&good));
        for bad in [
            String::new(),
            "a".into(),
            format!("{good}."),
            format!("{good}x"),
            good.replacen("a.", "b.", 1),
            good.replacen("7.", "07.", 1),
            good.replacen(".0.", ".00.", 1),
            good.replacen(".0.", ".-1.", 1),
            good.replacen(".0.", "..", 1),
            "a.7.0.AAAA".into(),
        ] {
            assert!(ButtonData::read(&bad).is_none(), "{bad}");
        }
        assert!(!ButtonData::is_ours("other.7") && !ButtonData::is_ours(""));
    }

    #[test]
    fn a_hash_is_of_what_is_seen() {
        assert_eq!(text_hash(" Pay 5 XLM?\r\n"), text_hash("Pay 5 XLM?"));
        assert_ne!(text_hash("Pay 5 XLM?"), text_hash("Pay 50 XLM?"));
    }
}
