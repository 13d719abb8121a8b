//! What every stand-in shares: a record of requests and faults on demand.
