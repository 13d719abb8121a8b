//! setWebhook and deleteWebhook.

use std::sync::Arc;

use tokio::sync::Semaphore;
use url::{Host, Url};

use crate::telegram::{State, call::Done, params::Params, refusal::Refusal, world::Webhook};

/// How many updates may be under way at once, unless the bot says otherwise.
const CONNECTIONS: u16 = 40;
/// Ports that a webhook on another machine may have.
const PORTS: [u16; 4] = [80, 88, 443, 8443];

pub(super) fn set_by_call(state: &State, params: &Params) -> Result<Done, Refusal> {
    let url = params.text("url").unwrap_or_default();
    let connections = params.text("max_connections").map(|_| params.integer("max_connections").unwrap_or(-1));
    let connections = match connections {
        None => None,
        Some(count) => {
            Some(u16::try_from(count).ok().filter(|count| (1..=100).contains(count)).ok_or_else(too_many_connections)?)
        }
    };
    let allowed = allowed(params)?;
    if url.trim().is_empty() {
        return delete(state, params);
    }
    let said = set(state, &url, params.text("secret_token").as_deref(), connections)?;
    finish(state, params, allowed);
    Ok(Done::saying(said))
}

fn too_many_connections() -> Refusal {
    Refusal::bad("max_connections must be between 1 and 100")
}

/// Sets the webhook, and says in words what was done.
pub(in crate::telegram) fn set(
    state: &State,
    url: &str,
    secret: Option<&str>,
    connections: Option<u16>,
) -> Result<&'static str, Refusal> {
    let url = checked(url.trim())?;
    let secret = secret.filter(|secret| !secret.is_empty());
    if let Some(secret) = secret {
        check_secret(secret)?;
    }
    let max_connections = connections.unwrap_or(CONNECTIONS);
    let secret = secret.map(str::to_owned);
    let updates = &mut state.world().updates;
    let as_before = updates.webhook().is_some_and(|webhook| {
        (&webhook.url, &webhook.secret, webhook.max_connections) == (&url, &secret, max_connections)
    });
    if as_before {
        return Ok("Webhook is already set");
    }
    let permits = Arc::new(Semaphore::new(max_connections.into()));
    updates.set_webhook(Some(Webhook { url, secret, max_connections, permits }));
    Ok("Webhook was set")
}

pub(super) fn delete(state: &State, params: &Params) -> Result<Done, Refusal> {
    let was_set = state.world().updates.webhook().is_some();
    state.world().updates.set_webhook(None);
    finish(state, params, None);
    Ok(Done::saying(if was_set { "Webhook was deleted" } else { "Webhook is already deleted" }))
}

fn finish(state: &State, params: &Params, allowed: Option<Vec<String>>) {
    {
        let updates = &mut state.world().updates;
        if params.flag("drop_pending_updates") {
            updates.drop_pending();
        }
        if let Some(allowed) = allowed {
            updates.allowed = allowed;
        }
    }
    state.deliver();
}

/// The kinds of updates that the bot wants; none where the call does not say.
pub(super) fn allowed(params: &Params) -> Result<Option<Vec<String>>, Refusal> {
    let unreadable = || Refusal::bad("can't parse allowed updates");
    let Some(list) = params.json("allowed_updates").map_err(|_| unreadable())? else { return Ok(None) };
    let list = list.as_array().ok_or_else(unreadable)?;
    let names = list.iter().map(|name| name.as_str().map(str::to_ascii_lowercase).ok_or_else(unreadable));
    names.collect::<Result<Vec<_>, _>>().map(Some)
}

fn check_secret(secret: &str) -> Result<(), Refusal> {
    if secret.len() > 256 {
        return Err(Refusal::bad("secret token is too long"));
    }
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if secret.chars().all(is_allowed) {
        Ok(())
    } else {
        Err(Refusal::bad("secret token contains unallowed characters"))
    }
}

/// HTTPS on Telegram's ports; on this machine plain HTTP and any port, as a Bot API server of one's own takes it.
fn checked(url: &str) -> Result<String, Refusal> {
    let bad = |words: &str| Refusal::bad(format!("bad webhook: {words}"));
    let parsed = Url::parse(url).map_err(|_| bad("invalid webhook URL specified"))?;
    let is_here = match parsed.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(bad("URL host is empty")),
    };
    match parsed.scheme() {
        "https" | "http" if is_here => {}
        "https" if parsed.port_or_known_default().is_some_and(|port| PORTS.contains(&port)) => {}
        "https" => return Err(bad("Webhook can be set up only on ports 80, 88, 443 or 8443")),
        _ => return Err(bad("An HTTPS URL must be provided for webhook")),
    }
    Ok(url.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked() {
        for url in
            ["https://a.b/x", "https://a.b:8443/", "http://127.0.0.1:3000/hook", "http://localhost/", "http://[::1]:1/"]
        {
            assert_eq!(checked(url), Ok(url.to_owned()));
        }
        for (url, words) in [
            ("http://a.b/", "An HTTPS URL must be provided for webhook"),
            ("https://a.b:3000/", "Webhook can be set up only on ports 80, 88, 443 or 8443"),
            ("nowhere", "invalid webhook URL specified"),
        ] {
            assert_eq!(checked(url).unwrap_err().to_string(), format!("Bad Request: bad webhook: {words}"));
        }
    }

    #[test]
    fn secrets_are_checked() {
        assert_eq!(check_secret(&"aZ0_-".repeat(51)), Ok(()));
        assert!(check_secret(&"a".repeat(257)).is_err());
        assert!(check_secret("a b").is_err());
    }
}
