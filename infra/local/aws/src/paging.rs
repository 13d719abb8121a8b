//! Cutting a sorted list into pages with an opaque marker.

use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};

/// A marker that no page of ours gave out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadMarker;

/// At most `limit` of `items`, which are sorted by `key`, from behind the marker on, and the marker of the next page.
///
/// # Errors
/// [`BadMarker`] where the marker cannot be read.
pub(crate) fn page<T>(
    items: Vec<T>,
    limit: usize,
    marker: Option<&str>,
    key: impl Fn(&T) -> &str,
) -> Result<(Vec<T>, Option<String>), BadMarker> {
    let after = marker.map(read).transpose()?;
    let behind = |item: &T| after.as_deref().is_none_or(|after| key(item) > after);
    let mut rest: Vec<T> = items.into_iter().filter(behind).collect();
    let more = rest.len() > limit;
    rest.truncate(limit);
    let next = rest.last().filter(|_| more).map(|last| BASE64_URL_SAFE_NO_PAD.encode(key(last)));
    Ok((rest, next))
}

fn read(marker: &str) -> Result<String, BadMarker> {
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(marker).map_err(|_| BadMarker)?;
    String::from_utf8(bytes).map_err(|_| BadMarker)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other_without_gap_or_overlap() {
        let all = || vec!["a".to_owned(), "b".to_owned(), "c".to_owned()];
        let (first, next) = page(all(), 2, None, |item| item).unwrap();
        let (second, end) = page(all(), 2, next.as_deref(), |item| item).unwrap();
        assert_eq!((first.concat() + &second.concat(), end), ("abc".to_owned(), None));
        assert_eq!(page(all(), 2, Some("!"), |item| item), Err(BadMarker));
    }
}
