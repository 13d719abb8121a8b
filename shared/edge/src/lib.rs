//! What Lambda and HTTP need: configuration, clock, telemetry, extractors, problem+json.
