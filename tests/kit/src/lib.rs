//! What the tests share: a running system, a Lambda Runtime API, clients.
