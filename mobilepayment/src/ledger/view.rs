//! What terminals see of an order.

use protocol::claim::ClaimView;
use protocol::order::{AttemptView, OrderView};

use super::order::{Attempt, Claim, Order};

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
        settled_reversals: vec![],
    }
}
