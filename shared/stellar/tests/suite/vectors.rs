//! Reads the vector files: the project's own, and the published ones from where `PUBLISHED_VECTORS` says.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde::de::DeserializeOwned;

#[derive(Deserialize)]
pub struct File<T> {
    pub count: usize,
    pub cases: Vec<T>,
}

#[derive(Deserialize)]
pub struct Generated {
    pub name: String,
    pub passphrase: String,
    pub envelope_type: String,
    pub unsigned_xdr: String,
    pub signed_xdr: String,
    pub hash: String,
    pub signatures: Vec<GeneratedSignature>,
}

#[derive(Deserialize)]
pub struct GeneratedSignature {
    pub secret: String,
    pub public_key: String,
    pub hint: String,
    pub signature_hex: String,
}

#[derive(Deserialize)]
pub struct Malformed {
    pub name: String,
    pub expect: String,
    pub input: Option<String>,
    pub input_zlib_base64: Option<String>,
}

impl Malformed {
    /// The text a client would send; some are stored compressed.
    pub fn text(&self) -> String {
        if let Some(text) = &self.input {
            return text.clone();
        }
        let packed = STANDARD.decode(self.input_zlib_base64.as_ref().unwrap()).unwrap();
        let mut bytes = Vec::new();
        flate2::read::ZlibDecoder::new(packed.as_slice()).read_to_end(&mut bytes).unwrap();
        STANDARD.encode(bytes)
    }
}

pub static GENERATED: LazyLock<Vec<Generated>> = LazyLock::new(|| own("stellar_xdr_generated_py.json", 144));

pub static MALFORMED: LazyLock<Vec<Malformed>> = LazyLock::new(|| own("stellar_xdr_malformed.json", 289));

fn own<T: DeserializeOwned>(file: &str, count: usize) -> Vec<T> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors").join(file);
    let file: File<T> = read(&path);
    assert_eq!((file.cases.len(), file.count), (count, count));
    file.cases
}

/// A published file, or `None`, said aloud, where nobody told us where they are.
#[allow(clippy::explicit_write, reason = "the test harness hides what a passing test prints with eprintln")]
pub fn published<T: DeserializeOwned>(file: &str) -> Option<T> {
    let Some(folder) = std::env::var_os("PUBLISHED_VECTORS") else {
        writeln!(std::io::stderr(), "PUBLISHED_VECTORS is not set: {file} was NOT checked").unwrap();
        return None;
    };
    let folder = PathBuf::from(folder);
    let here =
        if folder.is_absolute() { folder } else { Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(folder) };
    Some(read(&here.join(file)))
}

fn read<T: DeserializeOwned>(path: &Path) -> T {
    let text = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

pub fn bytes<const N: usize>(hex: &str) -> [u8; N] {
    hex::decode(hex).unwrap().try_into().unwrap()
}
