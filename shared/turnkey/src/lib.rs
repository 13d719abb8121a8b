//! Speaks Turnkey's public API: activities, stamps, queries.
