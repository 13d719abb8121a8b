//! Money: whole minor units of a currency. No float ever holds an amount, and no amount is without its currency.

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use serde_json::value::RawValue;

use crate::Refusal;

/// The largest amount and the largest balance either way, in minor units: below 2^53, so every JSON client holds it.
pub const MOST_MINOR: i64 = 9_000_000_000_000_000;

/// A currency of ISO 4217 that has a minor unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency {
    code: [u8; 3],
    scale: u32,
}

impl Currency {
    /// Reads an alphabetic code, upper case; none for an unknown one and for those without a minor unit (metals, tests).
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        let known = iso_currency::Currency::from_code(code)?;
        let scale = u32::from(known.exponent()?);
        Some(Self { code: known.code().as_bytes().try_into().ok()?, scale })
    }

    /// The same, as a field of a request.
    ///
    /// # Errors
    /// 400 where it is none.
    pub fn read(code: &str) -> Result<Self, Refusal> {
        Self::parse(code)
            .ok_or_else(|| Refusal::invalid("currency must be a code of ISO 4217 with a minor unit, like EUR"))
    }

    /// Its alphabetic code.
    #[must_use]
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.code).unwrap_or_default()
    }

    /// How many decimals it has.
    #[must_use]
    pub fn scale(self) -> u32 {
        self.scale
    }

    /// Minor units as a decimal with this currency's scale: `50.00`.
    #[must_use]
    pub fn format(self, minor: i64) -> String {
        Decimal::from_i128_with_scale(i128::from(minor), self.scale).to_string()
    }

    /// Minor units with the code behind: `50.00 EUR`.
    #[must_use]
    pub fn show(self, minor: i64) -> String {
        format!("{} {}", self.format(minor), self.code())
    }

    /// Reads an amount above zero; see [`Currency::minor_of`].
    ///
    /// # Errors
    /// 400 naming what is wrong.
    pub fn amount(self, text: &AmountText) -> Result<i64, Refusal> {
        match self.minor_of(text)? {
            0 => Err(Refusal::invalid("amount must be more than zero")),
            minor => Ok(minor),
        }
    }

    /// Reads a JSON number or a decimal string of at least zero into minor units.
    ///
    /// # Errors
    /// 400 for what is no number, a negative, more decimals than the currency has, or more than [`MOST_MINOR`].
    pub fn minor_of(self, text: &AmountText) -> Result<i64, Refusal> {
        let out_of_range = || Refusal::invalid("amount is out of range");
        let value = decimal(&text.0)?;
        if value.is_sign_negative() && !value.is_zero() {
            return Err(Refusal::invalid("amount must not be negative"));
        }
        if value.scale() > self.scale {
            return Err(Refusal::invalid(format!(
                "amount has more decimals than {} has ({})",
                self.code(),
                self.scale
            )));
        }
        let unit = Decimal::from(10_i64.checked_pow(self.scale).ok_or_else(out_of_range)?);
        let minor = value.checked_mul(unit).and_then(|minor| i64::try_from(minor).ok());
        minor.filter(|minor| *minor <= MOST_MINOR).ok_or_else(out_of_range)
    }
}

/// The digits as they were written: with no sign but a minus, no separators, an exponent only where it is short.
fn decimal(text: &str) -> Result<Decimal, Refusal> {
    let no_number = || Refusal::invalid("amount must be a number like 50.00");
    let form = text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E'));
    // A decimal string is written as JSON writes numbers (RFC 8259, section 6).
    if !form || text.len() > MOST_CHARS || serde_json::from_str::<&RawValue>(text).is_err() {
        return Err(no_number());
    }
    if text.contains(['e', 'E']) {
        return Decimal::from_scientific(text)
            .map(|value| value.normalize())
            .map_err(|_| Refusal::invalid("amount is out of range"));
    }
    Decimal::from_str_exact(text).map_err(|_| Refusal::invalid("amount is out of range"))
}

/// The most characters of an amount: more digits than any amount in range has.
const MOST_CHARS: usize = 32;

/// An amount as a request wrote it, a JSON number or a string: kept as text until the currency is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AmountText(String);

impl AmountText {
    /// An amount as a person or a record wrote it.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de> Deserialize<'de> for AmountText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <Box<RawValue>>::deserialize(deserializer)?;
        let text = raw.get();
        if text.starts_with('"') {
            return serde_json::from_str(text).map(Self).map_err(D::Error::custom);
        }
        // `null`, `true`, objects: the reader of the amount says what is wrong with them.
        Ok(Self(text.to_owned()))
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Self::parse(&code).ok_or_else(|| D::Error::custom("not a currency with a minor unit"))
    }
}

impl std::fmt::Display for Currency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn currency(code: &str) -> Currency {
        Currency::parse(code).unwrap()
    }

    fn read(code: &str, json: &str) -> Result<i64, Refusal> {
        currency(code).amount(&serde_json::from_str(json).unwrap())
    }

    #[test]
    fn numbers_and_strings_are_read_to_the_last_unit() {
        for (code, json, minor) in [
            ("EUR", "50.00", 5000),
            ("EUR", "50", 5000),
            ("EUR", "\"50.5\"", 5050),
            ("EUR", "0.01", 1),
            ("EUR", "1e2", 10_000),
            ("EUR", "1.5E1", 1500),
            ("JPY", "7", 7),
            ("KWD", "\"0.001\"", 1),
            ("EUR", "90000000000000.00", MOST_MINOR),
        ] {
            assert_eq!(read(code, json).unwrap(), minor, "{code} {json}");
        }
    }

    #[test]
    fn whatever_is_no_amount_is_refused() {
        let bad = [
            "0",
            "\"0\"",
            "0.00",
            "-0",
            "-1",
            "\"-1\"",
            "1.001",
            "\"1.000\"",
            "\"NaN\"",
            "\"1e99\"",
            "1e99",
            "1e-3",
            "\"\"",
            "null",
            "true",
            "[]",
            "{}",
            "\"1,5\"",
            "\"1_000\"",
            "\"+1\"",
            "\" 1\"",
            "\"1 \"",
            "\"01\"",
            "\"1.\"",
            "\".5\"",
            "\"0x10\"",
            "\"١\"",
            "999999999999999999999",
            "90000000000000.01",
            "\"1e1e1\"",
            "\"Infinity\"",
            "\"00000000000000000000000000000000001\"",
        ];
        for json in bad {
            assert_eq!(read("EUR", json).unwrap_err().kind.status(), 400, "{json}");
        }
        assert!(read("JPY", "1.5").is_err());
        for code in ["eur", "XAU", "XXX", "EU", ""] {
            assert!(Currency::parse(code).is_none(), "{code}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(minor in 1..=MOST_MINOR, code in prop::sample::select(vec!["EUR", "JPY", "KWD", "USD"])) {
            let currency = currency(code);
            let text = currency.format(minor);
            prop_assert_eq!(text.split_once('.').map_or(0, |(_, decimals)| decimals.len()), currency.scale() as usize);
            prop_assert_eq!(currency.amount(&AmountText::new(text.clone())).unwrap(), minor);
            prop_assert_eq!(currency.amount(&serde_json::from_str(&text).unwrap()).unwrap(), minor);
        }

        #[test]
        fn nothing_that_is_sent_makes_it_fall(text in ".{0,40}") {
            let json = serde_json::to_string(&text).unwrap();
            if let Ok(minor) = currency("EUR").amount(&serde_json::from_str(&json).unwrap()) {
                prop_assert!(minor > 0 && minor <= MOST_MINOR);
            }
        }

        #[test]
        fn more_decimals_than_the_currency_has_are_refused(whole in 0_i64..1_000_000, decimals in "[0-9]{3,9}") {
            let text = AmountText::new(format!("{whole}.{decimals}"));
            prop_assert!(currency("EUR").amount(&text).is_err());
        }
    }
}
