//! Turns infra/providers.yaml into a table: a wrong entry does not build.

use std::{collections::BTreeMap, error::Error, fmt::Write as _};

use serde::Deserialize;

/// The longest name of a provider: it must fit into a button's data.
const KEY_CHARS: usize = 32;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Provider {
    name: String,
    authorize_url: String,
    token_url: String,
    #[serde(default)]
    revoke_url: Option<String>,
    #[serde(default)]
    revoke: Revoke,
    scopes: Vec<String>,
    client_auth: ClientAuth,
    pkce: bool,
    #[serde(default)]
    authorize_params: BTreeMap<String, String>,
    refresh: Refresh,
    #[serde(default)]
    consent_months: Option<u16>,
    #[serde(default)]
    consent_days: Option<u16>,
    #[serde(default)]
    errors: Errors,
}

/// The variants are written into the code as they are named here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ClientAuth {
    Basic,
    Post,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Refresh {
    Rotates,
    Stays,
    None,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Revoke {
    #[default]
    Tokens,
    Grant,
    GithubGrant,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Errors {
    #[default]
    Status,
    #[serde(rename = "in_200")]
    In200,
}

/// The table's code.
pub(crate) fn table(text: &str) -> Result<String, Box<dyn Error>> {
    let providers: BTreeMap<String, Provider> = serde_norway::from_str(text)?;
    let mut code = "/// Every provider of infra/providers.yaml.\npub static PROVIDERS: &[Provider] = &[\n".to_owned();
    for (key, provider) in &providers {
        provider.check(key).map_err(|fault| format!("{key}: {fault}"))?;
        let params: Vec<(&str, &str)> =
            provider.authorize_params.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        writeln!(
            code,
            "Provider {{ key: {key:?}, name: {:?}, authorize_url: {:?}, token_url: {:?}, revoke_url: {:?}, revoke: Revoke::{:?}, \
             scopes: &{:?}, \
             client_auth: ClientAuth::{:?}, pkce: {}, authorize_params: &{params:?}, refresh: RefreshTokens::{:?}, \
             consent: {}, errors_in_200: {} }},",
            provider.name,
            provider.authorize_url,
            provider.token_url,
            provider.revoke_url,
            provider.revoke,
            provider.scopes,
            provider.client_auth,
            provider.pkce,
            provider.refresh,
            provider.consent(),
            matches!(provider.errors, Errors::In200),
        )?;
    }
    code.push_str("];\n");
    Ok(code)
}

impl Provider {
    fn consent(&self) -> String {
        match (self.consent_months, self.consent_days) {
            (Some(months), _) => format!("ConsentLife::Months({months})"),
            (None, Some(days)) => format!("ConsentLife::Days({days})"),
            (None, None) => "ConsentLife::Open".to_owned(),
        }
    }

    fn check(&self, key: &str) -> Result<(), &'static str> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if key.is_empty() || key.len() > KEY_CHARS || !key.bytes().all(plain) {
            return Err("a key is 1 to 32 of a-z, 0-9 and -");
        }
        if self.name.is_empty() {
            return Err("name is empty");
        }
        let urls = [Some(&self.authorize_url), Some(&self.token_url), self.revoke_url.as_ref()];
        if urls.into_iter().flatten().any(|url| !url.starts_with("https://") || url.contains(['#', ' '])) {
            return Err("a URL begins with https:// and has no fragment");
        }
        let by_client = self.revoke_url.as_ref().is_some_and(|url| url.contains("{client_id}"));
        if by_client != (self.revoke == Revoke::GithubGrant) {
            return Err("revoke_url names {client_id} where revoke is github_grant, and nowhere else");
        }
        // RFC 6749, 3.3: %x21 / %x23-5B / %x5D-7E.
        let scope = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        if self.scopes.iter().any(|text| text.is_empty() || !text.bytes().all(scope)) {
            return Err("a scope is malformed");
        }
        let ours = ["response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge"];
        if self.authorize_params.keys().any(|name| ours.contains(&name.as_str())) {
            return Err("authorize_params names a parameter that is ours");
        }
        match (self.consent_months, self.consent_days) {
            (Some(_), Some(_)) => Err("consent_months or consent_days, not both"),
            (Some(0), _) | (_, Some(0)) => Err("a consent lasts at least one"),
            _ => Ok(()),
        }
    }
}
