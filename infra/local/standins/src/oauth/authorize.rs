//! Judges an authorization request: what may be asked of the person, what is told to the client, what only the browser sees.

use super::{
    form::{Form, with_query},
    pkce::{self, Challenge},
    provider::Rules,
    world::Known,
};

/// A request in order, as the consent page puts it to the person.
#[derive(Clone)]
pub(super) struct Ask {
    pub(super) provider: String,
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) state: Option<String>,
    pub(super) terms: Terms,
    /// Whether the provider names itself in its answers (RFC 9207).
    names_itself: bool,
    /// When it was asked, in seconds since the Unix epoch.
    pub(super) asked_at: u64,
}

/// What is asked for.
#[derive(Clone)]
pub(super) struct Terms {
    pub(super) scopes: Vec<String>,
    pub(super) challenge: Challenge,
    pub(super) nonce: Option<String>,
    /// `access_type=offline`.
    pub(super) offline: bool,
    /// `prompt=consent`.
    pub(super) consent_again: bool,
}

/// Why the person is not asked.
pub(super) enum NotAsked {
    /// There is no such provider.
    NoSuchProvider,
    /// The browser is shown this and stays: whoever sent it here is not to be trusted with an answer.
    Shown(&'static str),
    /// The browser is sent back with an error (RFC 6749, 4.1.2.1).
    Redirected(String),
}

/// An error's code and its description.
type Error = (&'static str, &'static str);

impl Ask {
    /// The redirect URI with an answer to this request.
    pub(super) fn redirect_with(&self, issuer: &str, answer: &[(&str, &str)]) -> String {
        let issuer = self.names_itself.then_some(issuer);
        redirect(&self.redirect_uri, self.state.as_deref(), issuer, answer)
    }
}

fn redirect(uri: &str, state: Option<&str>, issuer: Option<&str>, answer: &[(&str, &str)]) -> String {
    let mut pairs = answer.to_vec();
    pairs.extend(state.map(|state| ("state", state)));
    pairs.extend(issuer.map(|issuer| ("iss", issuer)));
    with_query(uri, &pairs)
}

/// Judges a request's raw query.
pub(super) fn check(known: &Known, provider: &str, query: &str) -> Result<Ask, NotAsked> {
    let rules = known.rules(provider).ok_or(NotAsked::NoSuchProvider)?;
    let form = Form::parse(query.as_bytes());
    let (client_id, redirect_uri) = client_of(known, provider, &form).map_err(NotAsked::Shown)?;
    let state = if form.is_repeated("state") { None } else { form.get("state") };
    match terms(rules, &form) {
        Ok(terms) => Ok(Ask {
            provider: provider.to_owned(),
            client_id: client_id.to_owned(),
            redirect_uri: redirect_uri.to_owned(),
            state: state.map(str::to_owned),
            terms,
            names_itself: rules.oidc,
            asked_at: known.now(),
        }),
        Err((error, description)) => {
            let answer = [("error", error), ("error_description", description)];
            let issuer = rules.oidc.then(|| known.issuer(provider));
            Err(NotAsked::Redirected(redirect(redirect_uri, state, issuer.as_deref(), &answer)))
        }
    }
}

/// The client and where to send the browser; without both nothing is ever redirected.
fn client_of<'a>(known: &Known, provider: &str, form: &'a Form) -> Result<(&'a str, &'a str), &'static str> {
    if form.is_repeated("client_id") || form.is_repeated("redirect_uri") {
        return Err("client_id or redirect_uri is there more than once");
    }
    let client_id = form.get("client_id").ok_or("client_id is missing")?;
    let client = known.client(provider, client_id).ok_or("no client has this client_id")?;
    let redirect_uri = form.get("redirect_uri").ok_or("redirect_uri is missing")?;
    if !client.redirect_uris.iter().any(|registered| registered == redirect_uri) {
        return Err("redirect_uri is not registered for this client");
    }
    Ok((client_id, redirect_uri))
}

fn terms(rules: &Rules, form: &Form) -> Result<Terms, Error> {
    if form.has_repeated() {
        return Err(("invalid_request", "a parameter is there more than once"));
    }
    match form.get("response_type") {
        Some("code") => {}
        Some(_) => return Err(("unsupported_response_type", "response_type is code")),
        None => return Err(("invalid_request", "response_type is missing")),
    }
    let scopes = scopes(rules, form.get("scope").unwrap_or_default())?;
    let challenge = challenge(form)?;
    let consent_again = prompt(form)?;
    Ok(Terms {
        scopes,
        challenge,
        nonce: form.get("nonce").map(str::to_owned),
        offline: one_of(form, "access_type", ["online", "offline"])? == Some("offline"),
        consent_again: one_of(form, "show_dialog", ["true", "false"])? == Some("true") || consent_again,
    })
}

/// Scopes are separated by single spaces and of `%x21 / %x23-5B / %x5D-7E` (RFC 6749, 3.3).
fn scopes(rules: &Rules, asked: &str) -> Result<Vec<String>, Error> {
    let invalid = ("invalid_scope", "a scope is malformed or not known");
    let allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
    let mut scopes = Vec::new();
    for scope in asked.split(' ').filter(|_| !asked.is_empty()) {
        let known = rules.scopes.is_empty() || rules.scopes.iter().any(|known| known == scope);
        if scope.is_empty() || !scope.bytes().all(allowed) || !known {
            return Err(invalid);
        }
        if !scopes.iter().any(|there| there == scope) {
            scopes.push(scope.to_owned());
        }
    }
    Ok(scopes)
}

fn challenge(form: &Form) -> Result<Challenge, Error> {
    let challenge = form.get("code_challenge").ok_or(("invalid_request", "code_challenge is missing"))?;
    if form.get("code_challenge_method") != Some(pkce::METHOD) {
        return Err(("invalid_request", "code_challenge_method is S256"));
    }
    Challenge::parse(challenge).ok_or(("invalid_request", "code_challenge is not a SHA-256 in unpadded base64url"))
}

/// Whether `prompt` asks for the consent once more; `none` cannot be had, because a person always decides here.
fn prompt(form: &Form) -> Result<bool, Error> {
    let Some(prompt) = form.get("prompt") else { return Ok(false) };
    if prompt == "none" {
        return Err(("interaction_required", "the person must be asked"));
    }
    if prompt.split(' ').all(|part| matches!(part, "login" | "consent" | "select_account")) {
        return Ok(prompt.split(' ').any(|part| part == "consent"));
    }
    Err(("invalid_request", "prompt is not known"))
}

fn one_of<'a>(form: &'a Form, name: &str, values: [&str; 2]) -> Result<Option<&'a str>, Error> {
    match form.get(name) {
        Some(value) if !values.contains(&value) => {
            Err(("invalid_request", "a parameter has a value that is not known"))
        }
        value => Ok(value),
    }
}
