//! Hears from mobilepayment what happened. The feed of events says which orders changed; each is read as it is now and
//! written down, and only then the place in the feed is noted: after a crash the same events are read again, which changes
//! nothing.

use std::collections::BTreeSet;
use std::time::Duration;

use log::{info, warn};
use tokio::sync::watch;
use tokio::time::sleep;

use crate::db::registers;
use crate::desk::{Desk, ReadError};
use crate::service::client::{ClientError, Service};

/// Rest after mobilepayment could not be heard.
const AGAIN: Duration = Duration::from_secs(2);
/// The feed's beginning.
const BEGINNING: &str = "0";
/// mobilepayment does not know the place any more: its database was restored.
const SINCE_UNKNOWN: &str = "since_unknown";
/// An order that mobilepayment does not have any more.
const NOT_FOUND: &str = "not_found";

/// Listens until `stop` turns true (or its sender is gone).
pub async fn run(desk: Desk, company_id: i64, service: Service, mut stop: watch::Receiver<bool>) {
    loop {
        let heard = tokio::select! {
            heard = hear(&desk, company_id, &service) => heard,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        if let Err(error) = heard {
            warn!("mobilepayment cannot be heard: {error}");
            tokio::select! {
                () = sleep(AGAIN) => {}
                _ = stop.wait_for(|stop| *stop) => return,
            }
        }
    }
}

async fn hear(desk: &Desk, company_id: i64, service: &Service) -> Result<(), ReadError> {
    let since = desk.db.read(move |tx| registers::events_since(tx, company_id)).await?;
    let page = match service.events(&since).await {
        Err(ClientError::Refused { code, .. }) if code == SINCE_UNKNOWN && since != BEGINNING => {
            info!("mobilepayment was restored: its events are read again from the beginning");
            desk.db.write(move |tx| registers::set_events_since(tx, company_id, BEGINNING)).await?;
            return Ok(());
        }
        page => page?,
    };
    let changed: BTreeSet<&str> = page.data.iter().filter_map(|event| event.order_id()).collect();
    for order_id in changed {
        match desk.read_order(company_id, service, order_id).await {
            Err(ReadError::Client(ClientError::Refused { code, .. })) if code == NOT_FOUND => {
                warn!("mobilepayment told of the order {order_id}, and does not have it any more");
            }
            read => read?,
        }
    }
    if page.next_since != since {
        let next = page.next_since;
        desk.db.write(move |tx| registers::set_events_since(tx, company_id, &next)).await?;
    }
    Ok(())
}
