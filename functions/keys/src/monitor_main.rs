//! The keys-monitor function: on a schedule it looks at heartbeats, keys' dates, stops and KMS.

fn main() {}
