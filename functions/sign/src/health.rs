//! `GET /health`: whether the house stands, part by part. It is here because this door alone may ask KMS.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::extract::State;
use countersign_core::Purpose;
use countersign_edge::{Answer, Problem};
use serde::Serialize;
use tokio::{sync::Mutex, time::timeout};

use crate::{Sign, Signers};

/// How long a part may take before it counts as missing.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long what was seen is good: nobody can have the parts asked more often than that.
const AGE: Duration = Duration::from_secs(1);

/// How the house stands.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Health {
    /// `ok`, or `degraded` where a part is missing and the rest serves.
    status: &'static str,
    /// The installation's name.
    environment: String,
    /// The version of this build.
    version: &'static str,
    /// Each part.
    checks: Checks,
}

/// `ok` or `unavailable`.
#[derive(Clone, Copy, Serialize, utoipa::ToSchema)]
pub(crate) struct Checks {
    /// The table.
    table: &'static str,
    /// The key that seals.
    kms: &'static str,
}

/// What was seen last.
#[derive(Default)]
pub(crate) struct LastLook(Mutex<Option<(Instant, Checks)>>);

/// Health
///
/// Always 200; `status` says how the house stands.
#[utoipa::path(
    get, path = "/health", tag = "house",
    responses((status = 200, description = "How the house stands", body = Health))
)]
pub(crate) async fn health(sign: State<Arc<Sign>>) -> Result<Answer, Problem> {
    let checks = sign.last_look.checks(&sign.signers).await;
    let whole = checks.table == "ok" && checks.kms == "ok";
    Ok(Answer::ok(&Health {
        status: if whole { "ok" } else { "degraded" },
        environment: sign.environment.clone(),
        version: env!("CARGO_PKG_VERSION"),
        checks,
    })?)
}

impl LastLook {
    async fn checks(&self, signers: &Signers) -> Checks {
        let mut last = self.0.lock().await;
        if let Some((at, checks)) = *last
            && at.elapsed() < AGE
        {
            return checks;
        }
        let (table, kms) = tokio::join!(
            timeout(PATIENCE, signers.store.warm()),
            timeout(PATIENCE, signers.vault.check(Purpose::SigningSession))
        );
        let word = |good| if good { "ok" } else { "unavailable" };
        let checks = Checks { table: word(matches!(table, Ok(Ok(())))), kms: word(matches!(kms, Ok(Ok(())))) };
        *last = Some((Instant::now(), checks));
        checks
    }
}
