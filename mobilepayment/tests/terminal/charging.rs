//! Attempts and what came of them.

use mobilepayment::ledger::command::Resolve;
use mobilepayment::store::CommandError;
use protocol::attempt::{AttemptAck, Flag, Outcome};
use protocol::claim::{ClaimGrant, ClaimKind, ClaimRelease, ClaimReleased};
use protocol::order::OrderStatus;
use protocol::refusal::RefusalCode;
use protocol::reversal::ReversalEnded;
use protocol::{AttemptId, Centavos, ClaimId, Fence, OrderId, ReversalId, UnixMillis};

use crate::support::{A8, L3, Service, account, direct, ended, listed, money, started};

#[tokio::test]
async fn a_direct_order_is_charged_once_and_paid() {
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    let order = service.create(direct(12_345, L3)).await;
    let ack = terminal.pay(&order.id, 1, 12_345).await;
    let seen = ack.order.unwrap();
    assert_eq!((seen.status, seen.paid), (OrderStatus::Paid, money(12_345)));
    assert_eq!(seen.claim, None);
    assert_eq!(
        service.told().await,
        [
            "order.created",
            "posconnect.claim.granted",
            "posconnect.attempt.started",
            "charge.paid",
            "order.paid",
            "posconnect.claim.released"
        ]
    );
    let again = terminal.claim(&order.id, 2, ClaimKind::Now).await.unwrap_err();
    assert_eq!(again.code, RefusalCode::OrderPaid);
}

#[tokio::test]
async fn two_partials_are_told_one_by_one_and_then_the_whole() {
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    let order = service.create(listed(10_000)).await;
    let first = terminal.pay(&order.id, 1, 5_000).await.order.unwrap();
    assert_eq!((first.status, first.balance()), (OrderStatus::Open, money(5_000)));
    let second = terminal.pay(&order.id, 2, 5_000).await.order.unwrap();
    assert_eq!(second.status, OrderStatus::Paid);
    let told = service.told().await;
    let money_told: Vec<_> = told.iter().filter(|t| t.ends_with(".paid")).collect();
    assert_eq!(money_told, [&"charge.paid", &"charge.paid", &"order.paid"]);
}

#[tokio::test]
async fn a_repeated_start_or_outcome_changes_nothing_and_is_answered_the_same() {
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    let order = service.create(listed(10_000)).await;
    let grant = terminal.claim(&order.id, 1, ClaimKind::Now).await.unwrap();
    let attempt = started(&grant, 7, 4_000);
    let start = terminal.start(&attempt).await.unwrap();
    assert_eq!(terminal.start(&attempt).await.unwrap(), start);
    let outcome = ended(&attempt, Outcome::Approved);
    let ack = terminal.report(&outcome).await;
    let events = service.told().await.len();
    assert_eq!(terminal.report(&outcome).await, ack);
    // A start that comes late is not a new charge either.
    assert_eq!(terminal.start(&attempt).await.unwrap().outcome, Some(Outcome::Approved));
    assert_eq!(service.told().await.len(), events);
    assert_eq!(service.order(&order.id).await.paid(), money(4_000));
    let mut other = attempt.clone();
    other.amount = money(4_001);
    assert_eq!(terminal.start(&other).await.unwrap_err().code, RefusalCode::IdReused);
}

#[tokio::test]
async fn a_start_under_a_lost_claim_an_old_fence_or_above_the_balance_is_refused() {
    use RefusalCode as R;
    let service = Service::start().await;
    let (one, other) = (service.terminal(L3).await, service.terminal(A8).await);
    let order = service.create(listed(10_000)).await;
    let grant = one.claim(&order.id, 1, ClaimKind::Now).await.unwrap();
    let stale = ClaimGrant { fence: Fence(grant.fence.0 + 1), ..grant.clone() };
    assert_eq!(one.start(&started(&stale, 1, 100)).await.unwrap_err().code, R::ClaimLost);
    assert_eq!(other.start(&started(&grant, 2, 100)).await.unwrap_err().code, R::HeldByOther);
    let much = one.start(&started(&grant, 3, 10_001)).await.unwrap_err();
    assert_eq!(much.code, R::AmountAboveBalance);
    service.clock.advance(120_000);
    assert_eq!(one.start(&started(&grant, 4, 100)).await.unwrap_err().code, R::ClaimLost);
    assert!(service.order(&order.id).await.attempts.is_empty());
}

#[tokio::test]
async fn a_modified_terminal_that_reports_more_than_the_balance_is_flagged_and_not_booked() {
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    let order = service.create(listed(10_000)).await;
    let grant = terminal.claim(&order.id, 1, ClaimKind::Now).await.unwrap();
    let ack = terminal.report(&ended(&started(&grant, 9, 10_001), Outcome::Approved)).await;
    assert_eq!(ack.outcome, Some(Outcome::InDoubt));
    assert_eq!(ack.flags, [Flag::ExceedsBalance]);
    let seen = ack.order.unwrap();
    assert_eq!(
        (seen.status, seen.paid, seen.chargeable()),
        (OrderStatus::Open, Centavos::ZERO, Centavos::ZERO)
    );
    let told = service.told().await;
    assert!(told.contains(&"posconnect.attempt.flagged") && told.contains(&"posconnect.attempt.in_doubt"));
    assert!(!told.contains(&"charge.paid"));
}

#[tokio::test]
async fn an_attempt_in_doubt_blocks_until_a_manager_decides() {
    let service = Service::start().await;
    let (one, other) = (service.terminal(L3).await, service.terminal(A8).await);
    let order = service.create(listed(10_000)).await;
    let grant = one.claim(&order.id, 1, ClaimKind::Now).await.unwrap();
    let attempt = started(&grant, 5, 10_000);
    one.start(&attempt).await.unwrap();
    one.report(&ended(&attempt, Outcome::InDoubt)).await;
    // Hours later nobody else gets it, and its holder cannot give it back.
    service.clock.advance(10_000_000);
    assert_eq!(service.store.lapse().await, Ok(0));
    assert!(other.claim(&order.id, 2, ClaimKind::Now).await.is_err());
    let release = ClaimRelease { claim_id: ClaimId::from_random(1), order_id: order.id.clone() };
    let refused = one.post::<ClaimReleased>("claims/release", &release).await.unwrap_err();
    assert_eq!(refused.code, RefusalCode::AttemptOpen);
    let again = one.start(&started(&grant, 6, 1)).await.unwrap_err();
    assert_eq!(again.code, RefusalCode::AmountAboveBalance);

    let resolve = |approved| Resolve {
        account: account(),
        attempt_id: attempt.attempt_id,
        approved,
        evidence: "extrato da adquirente, linha 12".into(),
        reason: "cobrado".into(),
        by: "gerente".into(),
    };
    let paid = service.store.resolve(resolve(true)).await.unwrap();
    assert_eq!((paid.status, paid.paid()), (OrderStatus::Paid, money(10_000)));
    assert!(service.store.resolve(resolve(true)).await.is_ok());
    assert!(matches!(service.store.resolve(resolve(false)).await, Err(CommandError::Refused(_))));
    let told = service.told().await;
    assert_eq!(told.iter().filter(|t| **t == "charge.paid").count(), 1);
}

#[tokio::test]
async fn a_courier_who_reports_start_and_outcome_late_is_booked_once() {
    let service = Service::start().await;
    let courier = service.terminal(L3).await;
    let order = service.create(listed(3_000)).await;
    let grant = courier.claim(&order.id, 1, ClaimKind::Delivery).await.unwrap();
    assert_eq!(grant.lease_s, None);
    service.clock.advance(4 * 3_600_000);
    let outcome = ended(&started(&grant, 5, 3_000), Outcome::Approved);
    for _ in 0..3 {
        let ack = courier.report(&outcome).await;
        assert_eq!((ack.outcome, ack.flags.len()), (Some(Outcome::Approved), 0));
        assert_eq!(ack.order.unwrap().status, OrderStatus::Paid);
    }
    let told = service.told().await;
    assert_eq!(told.iter().filter(|t| **t == "charge.paid").count(), 1);
}

#[tokio::test]
async fn a_result_of_an_unknown_order_is_kept_acknowledged_and_told() {
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    let order = service.create(listed(3_000)).await;
    let mut grant = terminal.claim(&order.id, 1, ClaimKind::Now).await.unwrap();
    grant.order.id = OrderId::parse("or_from_a_lost_backup").unwrap();
    let outcome = ended(&started(&grant, 5, 3_000), Outcome::Approved);
    for _ in 0..2 {
        let ack = terminal.report(&outcome).await;
        assert_eq!(ack.outcome, Some(Outcome::InDoubt));
        assert_eq!((ack.flags, ack.order), (vec![Flag::UnknownOrder], None));
    }
    let orphans = service.store.orphans(&account()).await.unwrap();
    assert_eq!(orphans.len(), 1);
    assert_eq!(service.told().await.last(), Some(&"posconnect.attempt.orphan"));
}

#[tokio::test]
async fn one_terminal_cannot_spoil_the_attempt_of_another() {
    let service = Service::start().await;
    let (one, other) = (service.terminal(L3).await, service.terminal(A8).await);
    let order = service.create(listed(3_000)).await;
    let grant = one.claim(&order.id, 1, ClaimKind::Now).await.unwrap();
    let attempt = started(&grant, 5, 3_000);
    one.start(&attempt).await.unwrap();
    let ack = other.report(&ended(&attempt, Outcome::Declined)).await;
    assert_eq!(ack.flags, [Flag::IdReused]);
    assert_eq!(service.order(&order.id).await.attempts[0].outcome, None);
    let ack = one.report(&ended(&attempt, Outcome::Approved)).await;
    assert_eq!((ack.outcome, ack.flags.len()), (Some(Outcome::Approved), 0));
}

#[tokio::test]
async fn reversals_in_part_and_whole_are_told_and_an_open_orders_balance_grows_again() {
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    let order = service.create(listed(10_000)).await;
    terminal.pay(&order.id, 1, 6_000).await;
    let wanted =
        service.store.want_reversal(&account(), AttemptId::from_random(1), Some(money(2_000))).await.unwrap();
    assert!(wanted.attempts[0].reversal_wanted.is_some());
    let page = terminal.feed(None, 0).await;
    assert_eq!(page.reversals_wanted[0].amount, money(2_000));

    let reversal = |id, amount| ReversalEnded {
        reversal_id: ReversalId::from_random(id),
        attempt_id: AttemptId::from_random(1),
        order_id: order.id.clone(),
        amount: money(amount),
        outcome: Outcome::Approved,
        reason: None,
        response_code: Some("0000".into()),
        started_at: UnixMillis(3),
        ended_at: UnixMillis(4),
    };
    for _ in 0..2 {
        let ack: AttemptAck = terminal.post("reversals", &reversal(1, 2_000)).await.unwrap();
        let seen = ack.order.unwrap();
        assert_eq!((seen.balance(), seen.attempts[0].reversed), (money(6_000), money(2_000)));
    }
    assert!(terminal.feed(None, 0).await.reversals_wanted.is_empty());
    // More than is left: what is left is booked, the rest is shown.
    let _: AttemptAck = terminal.post("reversals", &reversal(2, 5_000)).await.unwrap();
    let after = service.order(&order.id).await;
    assert_eq!((after.balance(), after.attempts[0].reversed), (money(10_000), money(6_000)));
    let told = service.told().await;
    assert_eq!(
        told[told.len() - 4..],
        [
            "posconnect.reversal.wanted",
            "charge.partial_canceled",
            "posconnect.reversal.flagged",
            "charge.refunded"
        ]
    );
}
