//! What terminals see of an order.

use protocol::AttemptId;
use protocol::claim::ClaimView;
use protocol::order::{AttemptView, OrderView};
use protocol::reversal::SettledReversal;

use super::order::{Attempt, Claim, Order, Reversal};

/// The order as the feed and every answer carries it.
#[must_use]
pub fn order_view(order: &Order) -> OrderView {
    let hidden = order.attempts.len().saturating_sub(OrderView::ATTEMPTS_MAX);
    OrderView {
        id: order.id.clone(),
        number: order.number.clone(),
        display_name: order.display_name.clone(),
        kind: order.kind,
        status: order.status,
        total: order.total,
        paid: order.paid(),
        reserved: order.reserved(),
        fixed: order.fixed,
        claim: order.claim.as_ref().map(claim_view),
        attempts: order.attempts.iter().skip(hidden).map(attempt_view).collect(),
        receipt_expected: order.receipt_expected,
        created_at: order.created_at,
        expires_at: order.expires_at,
        revision: order.revision,
    }
}

/// The order as an answer about one attempt carries it: that attempt is in it, however many the order has.
#[must_use]
pub fn order_view_with(order: &Order, id: AttemptId) -> OrderView {
    let mut view = order_view(order);
    if let (Some(attempt), false) = (order.attempt(id), view.attempts.iter().any(|attempt| attempt.id == id))
        && let Some(oldest) = view.attempts.first_mut()
    {
        *oldest = attempt_view(attempt);
    }
    view
}

fn claim_view(claim: &Claim) -> ClaimView {
    ClaimView { id: claim.id, terminal: claim.terminal.clone(), kind: claim.kind, fence: claim.fence }
}

fn attempt_view(attempt: &Attempt) -> AttemptView {
    AttemptView {
        id: attempt.id,
        terminal: attempt.terminal.clone(),
        amount: attempt.amount,
        choice: attempt.choice,
        outcome: attempt.outcome,
        resolved_by_store: attempt.resolution.is_some(),
        reversed: attempt.reversed,
        settled_reversals: attempt.reversals.iter().filter_map(settled).collect(),
    }
}

fn settled(reversal: &Reversal) -> Option<SettledReversal> {
    reversal.resolution.as_ref()?;
    Some(SettledReversal { reversal_id: reversal.id, outcome: reversal.outcome })
}
