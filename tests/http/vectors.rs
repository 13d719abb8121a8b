//! The vectors through the real routes: what two SDKs and other projects agree on, and what nobody may accept.

mod fernet;
mod files;
mod generated;
mod malformed;
mod published;
mod strkeys;
