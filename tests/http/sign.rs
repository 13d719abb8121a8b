//! `/api/sign`, `/sign` and `/mini-app/sign-transaction`: which key signs, what is signed, what is told of it.

mod envelopes;
mod fees;
mod methods;
mod requests;
mod signers;
