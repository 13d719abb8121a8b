//! Which secrets a list is about.

use serde::Deserialize;

use super::record::Record;

/// One condition; a list of them must all hold.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Filter {
    key: FilterKey,
    values: Vec<String>,
}

/// What a filter looks at.
#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FilterKey {
    Description,
    Name,
    TagKey,
    TagValue,
    All,
}

/// Whether a secret passes all filters: for each, one of its values begins one of the secret's texts. A value that
/// begins with `!` must begin none.
pub(super) fn passes(record: &Record, filters: &[Filter]) -> bool {
    filters.iter().all(|filter| {
        let texts = filter.key.texts(record);
        filter.values.iter().any(|value| match value.strip_prefix('!') {
            Some(unwanted) => !texts.iter().any(|text| text.starts_with(unwanted)),
            None => texts.iter().any(|text| text.starts_with(value.as_str())),
        })
    })
}

impl FilterKey {
    fn texts<'a>(&self, record: &'a Record) -> Vec<&'a str> {
        let names = record.tags.iter().map(|tag| tag.key.as_str());
        let values = record.tags.iter().map(|tag| tag.value.as_str());
        match self {
            Self::Description => record.description.as_deref().into_iter().collect(),
            Self::Name => vec![record.name.as_str()],
            Self::TagKey => names.collect(),
            Self::TagValue => values.collect(),
            Self::All => {
                names.chain(values).chain([record.name.as_str()]).chain(record.description.as_deref()).collect()
            }
        }
    }
}
