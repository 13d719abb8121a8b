//! The functions' own routers behind the gateway, and the socket they are served on.

use std::{collections::BTreeMap, sync::Arc};

use aws_config::SdkConfig;
use axum::Router;
use countersign_auth::Auth;
use countersign_edge::Environment;
use countersign_keys::Keys;
use countersign_money::Money;
use countersign_oauth_door::Oauth;
use countersign_services::Services;
use countersign_sign::Sign;
use countersign_telegram_bot::Bot;
use tokio::{net::TcpListener, sync::watch, task::JoinHandle};

use crate::{LocalError, access_log::Lines, gateway::Gateway, routes::Routes};

/// The functions' own routers behind the gateway, and where its log goes.
pub(crate) async fn functions(
    environment: &Environment,
    config: &SdkConfig,
    log: Option<Lines>,
) -> Result<Router, LocalError> {
    let sign = countersign_sign::router(Sign::build(environment, config).await?);
    let oauth = countersign_oauth_door::router(Oauth::build(environment, config).await?);
    let services = countersign_services::router(Services::build(environment, config).await?);
    let auth = countersign_auth::router(Auth::build(environment, config).await?);
    let keys = countersign_keys::router(Keys::build(environment, config).await?);
    let money = Money::build(environment, config).await?;
    let reports = countersign_money::reports::router(Arc::clone(&money));
    let money = countersign_money::router(money);
    let telegram = countersign_telegram_bot::router(Bot::build(environment, config).await?);
    let web = countersign_web::router();
    let routes = Routes::of_template().map_err(|error| LocalError::Template(error.to_string()))?;
    let gateway = Gateway::new(
        routes,
        BTreeMap::from([
            ("AuthFunction", auth),
            ("KeysFunction", keys),
            ("OauthFunction", oauth),
            ("ReportsFunction", reports),
            ("ServicesFunction", services),
            ("SignFunction", sign),
            ("TelegramWebhookFunction", telegram),
            ("TransactionsFunction", money),
            ("WebFunction", web),
        ]),
        log,
    );
    match gateway.missing().as_slice() {
        [] => Ok(gateway.router()),
        missing => Err(LocalError::Template(format!("{} is not served here", missing.join(", ")))),
    }
}

/// Serves until the system stops; open requests are answered first.
pub(crate) fn serve(listener: TcpListener, router: Router, mut stopped: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let until = async move {
            let _gone = stopped.wait_for(|stopped| *stopped).await;
        };
        if let Err(error) = axum::serve(listener, router).with_graceful_shutdown(until).await {
            tracing::error!(%error, "the gateway ended");
        }
    })
}
