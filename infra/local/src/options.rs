//! How to run the local system.

use std::path::PathBuf;

use countersign_edge::Environment;

/// How to run it.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Where to serve on 127.0.0.1; 0 takes a free port.
    pub port: u16,
    /// The folder for the data and demo.json; none: memory, and no demo.json.
    pub data: Option<PathBuf>,
    /// Keep the data in memory although there is a folder.
    pub ephemeral: bool,
    /// Leave out what feeds `events` and the couriers: a test runs them itself.
    pub without_mappings: bool,
    /// Feed the couriers and not `events`: every record of the table's stream is lost.
    pub without_stream: bool,
    /// Leave out what runs by the clock: a test counts calls to AWS.
    pub without_schedules: bool,
    /// Keep the access log: who called what, fed as the log groups' subscriptions feed it.
    pub with_access_log: bool,
    /// Variables that replace ours: `BOT_TOKEN` (with `BOT_USERNAME` and `BASE_URL`) uses the real Telegram, `OAUTH_CLIENTS` (JSON,
    /// with `BASE_URL`) the real providers, `TURNKEY_BASE_URL` and `STELLAR_RPC_URL` use the real systems, others configure
    /// the functions (`REQUIRE_HMAC_VERIFICATION`, `NETWORK_PASSPHRASE`, `FEE_WALLET`).
    pub environment: Environment,
}
