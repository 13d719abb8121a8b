//! One row of the old system: a client, the key that it had, and its bots.

use countersign_core::{
    Refusal, Secret,
    keyring::{Chain, name},
    limits,
};
use countersign_vault::FernetKeys;
use serde::Deserialize;
use serde_json::Value;

use crate::{Keys, clients::ClientForm, setup::Order};

/// One row.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Row {
    /// Who it is, as `POST /clients` names people.
    pub(crate) client: ClientForm,
    /// A Fernet token of the key, in any form that `setup-bot` takes.
    pub(crate) encrypted_private_key: String,
    /// Must be the key's own where it is given.
    #[serde(default)]
    pub(crate) address: Option<String>,
    #[serde(default)]
    bots: Vec<RowBot>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RowBot {
    name: String,
    bot_type: String,
    #[serde(default)]
    config: Option<Value>,
}

impl Row {
    /// Reads a row.
    ///
    /// # Errors
    /// 400, which repeats nothing of the row.
    pub(crate) fn read(row: Value) -> Result<Self, Refusal> {
        let read = serde_json::from_value::<Self>(row);
        read.map_err(|_| Refusal::invalid("the row is not of the form of a row"))
    }

    /// Opens the key with the old system's keys.
    ///
    /// # Errors
    /// 400 where none of them opens it.
    pub(crate) fn key(&self, keys: &FernetKeys) -> Result<Secret, Refusal> {
        keys.open(&self.encrypted_private_key).map_err(|_| Refusal::invalid("the Fernet token does not open"))
    }

    /// The bots that it is to have, none of them started, by name.
    ///
    /// # Errors
    /// 400 naming what is wrong with one, with two of one name, or with too many.
    pub(crate) fn orders(&self, keys: &Keys, chain: Chain) -> Result<Vec<Order>, Refusal> {
        if self.bots.len() > limits::IMPORTED_BOTS {
            return Err(Refusal::invalid(format!("bots must be at most {}", limits::IMPORTED_BOTS)));
        }
        let mut orders: Vec<Order> = Vec::with_capacity(self.bots.len());
        for bot in &self.bots {
            let name = name("bots.name", &bot.name)?;
            let order = keys.order(&bot.bot_type, Some(&name), bot.config.as_ref(), false)?;
            if !order.bot_type.chains.contains(&chain) {
                let text = format!("Bots of type {} do not trade on {}", order.bot_type.key, chain.as_str());
                return Err(Refusal::invalid(text));
            }
            if orders.iter().any(|other| other.name == order.name) {
                return Err(Refusal::invalid("two bots of a row have one name"));
            }
            orders.push(order);
        }
        Ok(orders)
    }
}
