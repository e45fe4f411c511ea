//! `/ao-vivo`: a stream that says which sales changed. The page asks for the parts that show them.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::stream::{Stream, unfold};
use tokio::sync::broadcast::error::RecvError;

use super::Web;
use super::guard::LoggedIn;

/// A sign of life when nothing happens, so that a page notices a PDV that is gone.
const SIGN_OF_LIFE: Duration = Duration::from_secs(10);

pub(super) async fn stream(
    State(web): State<Web>,
    me: LoggedIn,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = web.desk.live.listen();
    let events = unfold((changes, web.stop.clone()), move |(mut changes, mut stop)| async move {
        loop {
            let heard = tokio::select! {
                heard = changes.recv() => heard,
                _ = stop.wait_for(|stop| *stop) => return None,
            };
            let event = match heard {
                Ok(change) if change.company_id == me.company_id => format!("venda-{}", change.sale_id),
                Ok(_) => continue,
                // Too much at once: every part of the page is read anew.
                Err(RecvError::Lagged(_)) => "tudo".to_owned(),
                Err(RecvError::Closed) => return None,
            };
            // A browser drops an event without data.
            let event = Event::default().event(event).data("1");
            return Some((Ok(event), (changes, stop)));
        }
    });
    std::future::ready(Sse::new(events).keep_alive(KeepAlive::new().interval(SIGN_OF_LIFE))).await
}
