//! Which events a company's webhook gets unless the file says `webhook_events = "all"`.

use crate::ledger::event::EventType;

/// Names of the events sent by default: those that a client of Pagar.me knows, and those on which a manager has to act.
/// The rest is told only with `"all"`; the events feed always has everything.
pub(crate) fn default_types() -> Vec<String> {
    EventType::ALL.iter().filter(|kind| is_default(**kind)).map(|kind| kind.as_str().to_owned()).collect()
}

const fn is_default(kind: EventType) -> bool {
    use EventType as E;
    match kind {
        // A client of Pagar.me knows these.
        E::OrderCreated
        | E::OrderPaid
        | E::OrderCanceled
        | E::OrderClosed
        | E::ChargePaid
        | E::ChargeRefunded
        | E::ChargePartialCanceled => true,
        // Somebody in the shop has to look at the terminal or at the acquirer's statement.
        E::OrderClosing
        | E::AttemptInDoubt
        | E::AttemptFlagged
        | E::AttemptOrphan
        | E::AttemptStated
        | E::ReversalInDoubt
        | E::ReversalFailed
        | E::ReversalFlagged
        | E::ReversalOrphan => true,
        E::AttemptStarted
        | E::AttemptDeclined
        | E::AttemptCancelled
        | E::AttemptResolved
        | E::ClaimGranted
        | E::ClaimReleased
        | E::ReversalWanted
        | E::ReversalResolved
        | E::PrintPrinted
        | E::PrintFailed
        | E::PrintSkipped => false,
    }
}
