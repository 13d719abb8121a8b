//! sendPhoto, sendDocument, getFile: files that come with the call, are known already, or stand at an address.

use std::{net::IpAddr, time::Duration};

use serde_json::Value;
use url::{Host, Url};

use super::send;
use crate::telegram::{
    State,
    params::{Params, Upload},
    picture::{Unfit, photo_size},
    refusal::Refusal,
    text::checked_link,
    world::{FileKind, Media, World},
};

/// How long an address may take to give its file, in seconds.
const FETCH_SECONDS: u64 = 10;

/// A file as the call gives it.
enum Given {
    New(Upload),
    Known(String),
}

pub(super) async fn photo(state: &State, params: &Params) -> Result<Value, Refusal> {
    let caption = send::caption_of(params)?;
    let given = given(state, params, FileKind::Photo).await?;
    let world = &mut state.world();
    world.writable(params)?;
    let (id, width, height) = match given {
        Given::New(upload) => {
            let (width, height) = photo_size(&upload.content).map_err(unfit)?;
            (keep(world, FileKind::Photo, upload, (width, height)), width, height)
        }
        Given::Known(id) => {
            let (width, height) = world.files.get(&id).map(|stored| stored.size).unwrap_or_default();
            (id, width, height)
        }
    };
    send::post(world, params, caption, Some(Media::Photo(id, width, height)))
}

pub(super) async fn document(state: &State, params: &Params) -> Result<Value, Refusal> {
    let caption = send::caption_of(params)?;
    let given = given(state, params, FileKind::Document).await?;
    let world = &mut state.world();
    world.writable(params)?;
    let id = match given {
        Given::New(upload) => keep(world, FileKind::Document, upload, (0, 0)),
        Given::Known(id) => id,
    };
    send::post(world, params, caption, Some(Media::Document(id)))
}

fn unfit(unfit: Unfit) -> Refusal {
    Refusal::bad(match unfit {
        Unfit::NoPicture => "IMAGE_PROCESS_FAILED",
        Unfit::Dimensions => "PHOTO_INVALID_DIMENSIONS",
    })
}

fn keep(world: &mut World, kind: FileKind, upload: Upload, size: (u32, u32)) -> String {
    let mime = upload.mime.unwrap_or_else(|| "application/octet-stream".to_owned());
    world.files.keep(kind, upload.name, mime, upload.content, size)
}

async fn given(state: &State, params: &Params, kind: FileKind) -> Result<Given, Refusal> {
    let (name, title) = match kind {
        FileKind::Photo => ("photo", "Photo"),
        FileKind::Document => ("document", "Document"),
    };
    if let Some(upload) = params.upload(name) {
        return if upload.content.is_empty() {
            Err(Refusal::bad("file must be non-empty"))
        } else {
            Ok(Given::New(upload.clone()))
        };
    }
    let named = params.text(name).filter(|named| !named.is_empty());
    let named = named.ok_or_else(|| Refusal::bad(format!("there is no {name} in the request")))?;
    if let Some(stored) = state.world().files.get(&named) {
        return match stored.kind == kind {
            true => Ok(Given::Known(named)),
            false => Err(Refusal::bad(format!("can't use file of type {:?} as {title}", stored.kind))),
        };
    }
    if !named.contains('.') {
        return Err(Refusal::bad("wrong file identifier/HTTP URL specified"));
    }
    fetch(state, &named).await.map(Given::New)
}

/// Fetches a file from this machine. Other machines are not asked: nothing here goes out to the network.
async fn fetch(state: &State, address: &str) -> Result<Upload, Refusal> {
    let invalid = |error: String| Refusal::bad(format!("invalid file HTTP URL specified: {error}"));
    let link = checked_link(address).map_err(|error| invalid(error.to_string()))?;
    let url = Url::parse(&link).map_err(|error| invalid(error.to_string()))?;
    let failed = || Refusal::bad("failed to get HTTP URL content");
    if !is_here(&url) {
        return Err(failed());
    }
    let name = url.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or_default().to_owned();
    let request = state.http().get(url).timeout(Duration::from_secs(FETCH_SECONDS));
    let response = request.send().await.and_then(reqwest::Response::error_for_status).map_err(|_| failed())?;
    let mime = response.headers().get(reqwest::header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let mime = mime.map(str::to_owned);
    let content = response.bytes().await.map_err(|_| failed())?.to_vec();
    if content.is_empty() { Err(failed()) } else { Ok(Upload { name, mime, content }) }
}

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        _ => false,
    }
}

pub(super) fn get(world: &mut World, params: &Params) -> Result<Value, Refusal> {
    let id = params.text("file_id").unwrap_or_default();
    world.files.with_path(&id).ok_or_else(|| Refusal::bad("invalid file_id"))
}
