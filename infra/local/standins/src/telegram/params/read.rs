//! Reads a call's parameters from whatever form it came in.

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
    http::{HeaderMap, header},
};
use countersign_local_control::BODY_BYTES;
use multer::{Field, Multipart, parse_boundary};
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::{Params, Upload};
use crate::telegram::refusal::Refusal;

/// The parameters of a request: its query's, then its body's.
pub(in crate::telegram) async fn from_request(request: Request) -> Result<Params, Refusal> {
    let (head, body) = request.into_parts();
    let mut params = Params::default();
    params.add_form(head.uri.query().unwrap_or_default().as_bytes());
    let body = to_bytes(body, BODY_BYTES).await.map_err(|_| Refusal::new(413, "Request Entity Too Large"))?;
    params.add_body(content_type(&head.headers), body).await?;
    Ok(params)
}

/// The parameters in a webhook's answer; none where it holds nothing that can be read.
pub(in crate::telegram) async fn from_answer(content_type: &str, body: Bytes) -> Params {
    let mut params = Params::default();
    match params.add_body(content_type, body).await {
        Ok(()) => params,
        Err(_) => Params::default(),
    }
}

fn content_type(headers: &HeaderMap) -> &str {
    headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

impl Params {
    /// A body of a type that is not known is left aside, as Telegram does.
    async fn add_body(&mut self, content_type: &str, body: Bytes) -> Result<(), Refusal> {
        if body.is_empty() {
            return Ok(());
        }
        let kind = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match kind.as_str() {
            "application/json" => {
                let values: Map<String, Value> =
                    serde_json::from_slice(&body).map_err(|_| Refusal::bad("can't parse JSON object"))?;
                self.values.extend(values);
            }
            "application/x-www-form-urlencoded" => self.add_form(&body),
            "multipart/form-data" => {
                let unreadable = |_| Refusal::bad("can't parse multipart/form-data");
                let boundary = parse_boundary(content_type).map_err(unreadable)?;
                self.add_parts(body, boundary).await.map_err(unreadable)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn add_form(&mut self, form: &[u8]) {
        for (name, value) in form_urlencoded::parse(form) {
            self.set(name, Value::String(value.into_owned()));
        }
    }

    async fn add_parts(&mut self, body: Bytes, boundary: String) -> Result<(), multer::Error> {
        let mut parts = Multipart::new(Body::from(body).into_data_stream(), boundary);
        while let Some(part) = parts.next_field().await? {
            self.add_part(part).await?;
        }
        Ok(())
    }

    async fn add_part(&mut self, part: Field<'_>) -> Result<(), multer::Error> {
        let name = part.name().unwrap_or_default().to_owned();
        match part.file_name().map(str::to_owned) {
            None => self.set(name, Value::String(part.text().await?)),
            Some(file) => {
                let mime = part.content_type().map(ToString::to_string);
                let content = part.bytes().await?.to_vec();
                self.uploads.insert(name, Upload { name: file, mime, content });
            }
        }
        Ok(())
    }
}
