//! How long-running parts are told to end.

use tokio::sync::watch;

/// Ends when the service is told to stop, or nobody is left to tell it.
pub async fn told(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
