//! The PDV ends an order. A close never loses a payment: what is in flight is awaited.

use protocol::UnixMillis;
use protocol::order::OrderStatus;

use super::draft::{Decision, Draft};
use super::event::EventType;
use super::order::{Close, CloseReason, Order};
use super::refusal::PdvRefusal;

/// Decides about a close by the PDV. The same close again is the same answer.
pub fn close(order: &Order, reason: CloseReason, now: UnixMillis) -> Result<Decision<()>, PdvRefusal> {
    let mut draft = Draft::begin(order, now);
    match (draft.order.status, reason) {
        (OrderStatus::Paid, CloseReason::Paid) => {
            if draft.order.close.is_none() {
                draft.order.close = Some(Close { reason, at: now });
                draft.tell(EventType::OrderClosed, None);
            }
        }
        (OrderStatus::Paid, CloseReason::Canceled | CloseReason::Failed | CloseReason::Expired) => {
            return Err(PdvRefusal::OrderPaid);
        }
        (OrderStatus::Open | OrderStatus::Closing | OrderStatus::Closed, CloseReason::Paid) => {
            return Err(PdvRefusal::BalanceLeft { balance: draft.order.balance() });
        }
        (OrderStatus::Open, CloseReason::Canceled | CloseReason::Failed | CloseReason::Expired) => {
            draft.ask_close(reason);
        }
        (
            OrderStatus::Closing | OrderStatus::Closed,
            CloseReason::Canceled | CloseReason::Failed | CloseReason::Expired,
        ) => match draft.order.close.map(|close| close.reason) {
            // What has expired by itself may still be cancelled: it ends the same way.
            Some(before) if before == reason || before == CloseReason::Expired => {}
            Some(_) | None => return Err(PdvRefusal::OrderClosed),
        },
    }
    Ok(draft.decide(()))
}
