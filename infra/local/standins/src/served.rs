//! A stand-in that is being served: where, and how to end it.

use std::io;

use axum::Router;
use countersign_local_control::{Control, serve};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

/// A served router; dropping it ends it as well, only without waiting.
pub(crate) struct Served {
    url: String,
    control: Control,
    stop: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
}

impl Served {
    pub(crate) fn start(listener: TcpListener, router: Router) -> io::Result<Self> {
        let url = format!("http://{}", listener.local_addr()?);
        let control = Control::new();
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async move {
            let _ = stopped.await;
        };
        let task = tokio::spawn(serve(listener, router, control.clone(), shutdown));
        Ok(Self { url, control, stop, task })
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    pub(crate) fn control(&self) -> &Control {
        &self.control
    }

    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        if let Ok(Err(error)) = self.task.await {
            tracing::warn!(%error, "a stand-in did not end well");
        }
    }
}
