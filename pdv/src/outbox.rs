//! Sends to mobilepayment what is written down: new payments, and those that are to be closed. One loop for each company;
//! it sends the same again, under the same key, until there is an answer.

use std::time::Duration;

use log::warn;
use tokio::sync::watch;
use tokio::time::sleep;

use crate::db::DbResult;
use crate::db::sales::{self, Live};
use crate::desk::{Desk, ReadError};
use crate::sale::Form;
use crate::service::client::{ClientError, NewOrder, Service};

/// Rest after something could not be sent.
const AGAIN: Duration = Duration::from_secs(3);
/// Looks again even when nobody woke it.
const LOOK: Duration = Duration::from_secs(60);

/// Sends until `stop` turns true (or its sender is gone).
pub async fn run(desk: Desk, company_id: i64, service: Service, mut stop: watch::Receiver<bool>) {
    let mut to_send = desk.to_send.subscribe();
    loop {
        to_send.borrow_and_update();
        let rest = match send_all(&desk, company_id, &service).await {
            Ok(true) => LOOK,
            Ok(false) => AGAIN,
            Err(error) => {
                warn!("payments wait to be sent: {error}");
                AGAIN
            }
        };
        tokio::select! {
            Ok(()) = to_send.changed() => {}
            () = sleep(rest) => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
    }
}

/// Whether everything was answered.
async fn send_all(desk: &Desk, company_id: i64, service: &Service) -> DbResult<bool> {
    let waiting = desk.db.read(move |tx| sales::live(tx, company_id)).await?;
    let mut all = true;
    for live in waiting {
        all &= send(desk, company_id, service, live).await?;
    }
    Ok(all)
}

/// Whether everything that was to be said of a payment was answered.
async fn send(desk: &Desk, company_id: i64, service: &Service, live: Live) -> DbResult<bool> {
    let Form::Pos(pos) = &live.payment.form else { return Ok(true) };
    let id = live.payment.id.clone();
    let (order_id, unread) = match &pos.order {
        Some(order) => (order.id.clone(), live.unread),
        // Also when it is to be closed: whether an earlier try got through is known only by asking under its key.
        None => match service.create(&new_order(&live)).await {
            Ok((order, text)) => {
                desk.order_created(company_id, live.sale_id, id, order.id.clone(), text).await?;
                (order.id, true)
            }
            Err(ClientError::Refused { code, sentence }) => {
                desk.order_refused(company_id, live.sale_id, id, code, sentence).await?;
                return Ok(true);
            }
            Err(ClientError::Unclear(why)) => return Ok(waits(&live, &why)),
        },
    };
    if unread && !read(desk, company_id, service, &order_id, &live).await? {
        return Ok(false);
    }
    if !pos.cancel_wanted {
        return Ok(true);
    }
    match service.cancel(&order_id).await {
        Ok(_) => read(desk, company_id, service, &order_id, &live).await,
        // It has ended or is being closed already: what became of it comes with the events.
        Err(ClientError::Refused { .. }) => Ok(true),
        Err(ClientError::Unclear(why)) => Ok(waits(&live, &why)),
    }
}

/// Whether the order could be read and written down as it is now.
async fn read(
    desk: &Desk,
    company_id: i64,
    service: &Service,
    order_id: &str,
    live: &Live,
) -> DbResult<bool> {
    match desk.read_order(company_id, service, order_id).await {
        Ok(()) => Ok(true),
        Err(ReadError::Db(error)) => Err(error),
        Err(ReadError::Client(error)) => Ok(waits(live, &error.to_string())),
    }
}

fn waits(live: &Live, why: &str) -> bool {
    warn!("a payment of sale {} waits to be told: {why}", live.sale_number);
    false
}

fn new_order(live: &Live) -> NewOrder {
    let (serial, method, installments) = match &live.payment.form {
        Form::Pos(pos) => (pos.serial.clone(), pos.method, pos.installments),
        Form::Cash { .. } => (None, None, 1),
    };
    NewOrder {
        key: live.payment.id.clone(),
        code: live.sale_number.to_string(),
        display_name: format!("Venda {}", live.sale_number),
        amount: live.payment.amount,
        serial,
        method,
        installments,
    }
}
