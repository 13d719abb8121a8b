//! The access log: two writers know two halves of a request and put them into one item, in whatever order.

use std::net::IpAddr;

use countersign_core::{
    Moment,
    access::{Access, AccessLine, AtFunction, AtGateway, Said},
    limits,
};
use serde::{Deserialize, Serialize};

use crate::{
    Store, StoreError,
    items::{item_until, read},
    keys::{self, Key, PK, SK},
    table::Item,
};

const KIND: &str = "access";

/// A request as it is stored. Each writer sets its own attributes, and both set the first three.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct AccessItem {
    requested_at: i64,
    request_id: String,
    request_method: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway_route: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway_address: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    gateway_millis: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_route: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_caller: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_family_id: Option<u64>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    function_more_family_ids: Vec<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_millis: Option<u64>,
}

impl From<&AccessLine> for AccessItem {
    fn from(line: &AccessLine) -> Self {
        let half = match line.said.clone() {
            Said::Gateway(AtGateway { route, status, address, millis }) => Self {
                gateway_status: Some(status),
                gateway_route: route,
                gateway_address: address,
                gateway_millis: millis,
                ..Self::default()
            },
            Said::Function(AtFunction { route, status, code, caller, family_id, more_family_ids, millis }) => Self {
                function_status: Some(status),
                function_route: route,
                function_code: code,
                function_caller: caller,
                function_family_id: family_id,
                function_more_family_ids: more_family_ids,
                function_millis: millis,
                ..Self::default()
            },
        };
        let (request_id, request_method) = (line.request_id.clone(), line.method.clone());
        Self { requested_at: line.at.millis(), request_id, request_method, ..half }
    }
}

impl From<AccessItem> for Access {
    fn from(item: AccessItem) -> Self {
        let gateway = item.gateway_status.map(|status| AtGateway {
            route: item.gateway_route,
            status,
            address: item.gateway_address,
            millis: item.gateway_millis,
        });
        let function = item.function_status.map(|status| AtFunction {
            route: item.function_route,
            status,
            code: item.function_code,
            caller: item.function_caller,
            family_id: item.function_family_id,
            more_family_ids: item.function_more_family_ids,
            millis: item.function_millis,
        });
        let at = Moment::from_millis(item.requested_at);
        Self { at, request_id: item.request_id, method: item.request_method, gateway, function }
    }
}

impl Store {
    /// Keeps what a line says, in its day and, where it names families, there as well, each without the others. The same line again changes nothing, and
    /// the other half of the request stays: nothing is conditional, so nothing can be lost to the order in which lines come.
    ///
    /// # Errors
    /// Where the table cannot be written.
    pub async fn keep_access(&self, line: &AccessLine) -> Result<(), StoreError> {
        self.merge_access(&keys::access(line.at, &line.request_id), line).await?;
        let Said::Function(said) = &line.said else { return Ok(()) };
        for family_id in said.family_id.into_iter().chain(said.more_family_ids.iter().copied()) {
            let own = AtFunction { family_id: Some(family_id), more_family_ids: Vec::new(), ..said.clone() };
            let line = AccessLine { said: Said::Function(own), ..line.clone() };
            self.merge_access(&keys::family_access(family_id, line.at, &line.request_id), &line).await?;
        }
        Ok(())
    }

    async fn merge_access(&self, key: &Key, line: &AccessLine) -> Result<(), StoreError> {
        let until = line.at.plus_seconds(limits::ACCESS_KEPT_SECONDS);
        let mut item = item_until(key, KIND, AccessItem::from(line), until)?;
        item.retain(|name, _| name != PK && name != SK);
        let set: Vec<String> = item.keys().map(|name| format!("{name} = :{name}")).collect();
        let values: Item = item.into_iter().map(|(name, value)| (format!(":{name}"), value)).collect();
        self.client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(key.attributes()))
            .update_expression(format!("SET {}", set.join(", ")))
            .set_expression_attribute_values(Some(values))
            .send()
            .await
            .map(|_| ())
            .map_err(|error| StoreError::from_sdk(&error))
    }
}

/// Reads a request as it is stored.
pub(crate) fn access_of(item: Item) -> Result<Access, StoreError> {
    Ok(read::<AccessItem>(item, KIND)?.into())
}
