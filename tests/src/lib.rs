//! Black-box tests over HTTP, architecture tests, vectors.
