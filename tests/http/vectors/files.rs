//! The vector files: the project's own, and the published ones from where `PUBLISHED_VECTORS` says.

use std::{
    io::{Read as _, Write as _},
    path::Path,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::{Deserialize, de::DeserializeOwned};

#[derive(Deserialize)]
struct File<T> {
    count: usize,
    cases: Vec<T>,
}

#[derive(Deserialize)]
pub(super) struct Generated {
    pub(super) name: String,
    pub(super) passphrase: String,
    pub(super) unsigned_xdr: String,
    pub(super) signed_xdr: String,
    pub(super) hash: String,
    pub(super) signatures: Vec<GeneratedSignature>,
}

#[derive(Deserialize)]
pub(super) struct GeneratedSignature {
    pub(super) secret: String,
    pub(super) public_key: String,
    pub(super) hint: String,
    pub(super) signature_hex: String,
}

#[derive(Deserialize)]
pub(super) struct Malformed {
    pub(super) name: String,
    pub(super) expect: String,
    input: Option<String>,
    input_zlib_base64: Option<String>,
}

impl Malformed {
    /// The text that a client sends; some are kept compressed.
    pub(super) fn text(&self) -> String {
        if let Some(text) = &self.input {
            return text.clone();
        }
        let packed = BASE64_STANDARD.decode(self.input_zlib_base64.as_ref().unwrap()).unwrap();
        let mut bytes = Vec::new();
        flate2::read::ZlibDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
        BASE64_STANDARD.encode(bytes)
    }
}

/// All 144 generated envelopes.
pub(super) fn generated() -> Vec<Generated> {
    cases("stellar_xdr_generated_py.json", 144)
}

/// All 289 malformed ones.
pub(super) fn malformed() -> Vec<Malformed> {
    cases("stellar_xdr_malformed.json", 289)
}

fn cases<T: DeserializeOwned>(file: &str, count: usize) -> Vec<T> {
    let file: File<T> = own(file);
    assert_eq!((file.cases.len(), file.count), (count, count));
    file.cases
}

/// One of the project's own files.
pub(super) fn own<T: DeserializeOwned>(file: &str) -> T {
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors").join(file))
}

/// A published file, or nothing, said aloud, where nobody told us where they are.
#[allow(clippy::explicit_write, reason = "the test harness hides what a passing test prints with eprintln")]
pub(super) fn published<T: DeserializeOwned>(file: &str) -> Option<T> {
    let Some(folder) = std::env::var_os("PUBLISHED_VECTORS") else {
        writeln!(std::io::stderr(), "PUBLISHED_VECTORS is not set: {file} was NOT checked over HTTP").unwrap();
        return None;
    };
    // A relative one is relative to the project's root, whatever folder the tests run in.
    Some(read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(folder).join(file)))
}

fn read<T: DeserializeOwned>(path: &Path) -> T {
    let text = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
