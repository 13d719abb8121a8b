//! The names of operations, as Horizon and the Stellar laboratory have them.

use crate::Envelope;

impl Envelope {
    /// The kinds of its operations, each once, in their order: `payment`, `manage_sell_offer`, …
    #[must_use]
    pub fn operation_kinds(&self) -> Vec<String> {
        let mut kinds = Vec::new();
        for operation in self.operations() {
            let kind = snake(operation.body.name());
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        kinds
    }
}

fn snake(name: &str) -> String {
    let mut text = String::with_capacity(name.len() + 8);
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_horizons() {
        for (name, horizons) in [
            ("Payment", "payment"),
            ("PathPaymentStrictSend", "path_payment_strict_send"),
            ("ExtendFootprintTtl", "extend_footprint_ttl"),
        ] {
            assert_eq!(snake(name), horizons);
        }
    }
}
