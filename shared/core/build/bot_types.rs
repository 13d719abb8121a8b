//! Reads infra/bot_types.yaml into a table.

use std::{collections::BTreeMap, error::Error, fmt::Write as _};

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BotType {
    name: String,
    chains: Vec<Chain>,
    config_schema: serde_json::Map<String, serde_json::Value>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "snake_case")]
enum Chain {
    Stellar,
    Solana,
    Evm,
}

/// The table as Rust.
pub(crate) fn table(text: &str) -> Result<String, Box<dyn Error>> {
    let types: BTreeMap<String, BotType> = serde_norway::from_str(text)?;
    let mut code = String::from("static BOT_TYPES: &[BotType] = &[\n");
    for (key, bot_type) in &types {
        let plain = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
        if key.is_empty() || key.len() > 32 || !key.chars().all(plain) {
            return Err(format!("{key}: a type is 1 to 32 of a-z 0-9 _").into());
        }
        if bot_type.chains.is_empty() || bot_type.name.is_empty() {
            return Err(format!("{key}: without chains or a name").into());
        }
        let schema = serde_json::to_string(&bot_type.config_schema)?;
        if schema.contains("\"$ref\"") {
            return Err(format!("{key}: its schema has a $ref").into());
        }
        let chains: Vec<String> = bot_type.chains.iter().map(|chain| format!("Chain::{chain:?}")).collect();
        writeln!(
            code,
            "BotType {{ key: {key:?}, name: {:?}, chains: &[{}], config_schema: {schema:?} }},",
            bot_type.name,
            chains.join(", ")
        )?;
    }
    code.push_str("];\n");
    Ok(code)
}
