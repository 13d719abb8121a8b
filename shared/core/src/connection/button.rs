//! The button that begins a new link: what comes back from it.

use super::provider::{PROVIDERS, Provider};

/// What the data of such a button begins with.
const BUTTON: &str = "c.";

/// The data of the button for this provider: at most 34 bytes.
#[must_use]
pub fn connect_data(provider: &Provider) -> String {
    format!("{BUTTON}{}", provider.key)
}

/// The provider that a button is for; none where it is another's button.
#[must_use]
pub fn connect_of(data: &str) -> Option<&'static Provider> {
    let key = data.strip_prefix(BUTTON)?;
    PROVIDERS.iter().find(|provider| provider.key == key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_button_is_read_as_it_was_written() {
        for provider in PROVIDERS {
            let data = connect_data(provider);
            assert!(data.len() <= 64);
            assert_eq!(connect_of(&data).map(|found| found.key), Some(provider.key));
        }
        for other in ["c.", "c.nowhere", "spotify", "l.en", "a.1.0.x"] {
            assert!(connect_of(other).is_none(), "{other}");
        }
    }
}
