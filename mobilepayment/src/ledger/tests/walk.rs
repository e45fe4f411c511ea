//! Three terminals, a PDV and a manager do whatever comes to their minds, honest or not. After every step a few plain
//! statements must hold. A seed reproduces a walk.

use std::collections::BTreeMap;

use protocol::AttemptId;
use protocol::attempt::Outcome;
use protocol::claim::ClaimKind;
use protocol::order::{OrderKind, OrderStatus};

use super::{Shop, ended, money, new_order};
use crate::ledger::event::EventType;
use crate::ledger::order::{Attempt, CloseReason};

const WALKS: u64 = 3_000;
const STEPS: u64 = 40;

/// xorshift64*: small, and the same everywhere.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % sides
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        let at = self.roll(from.len() as u64);
        from[usize::try_from(at).unwrap()]
    }
}

#[test]
fn no_walk_breaks_a_money_rule() {
    let mut ended_paid = 0;
    for seed in 1..=WALKS {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let kind = dice.pick(&[OrderKind::Direct, OrderKind::Listed, OrderKind::Listed]);
        let mut new = new_order(kind, 1_000);
        new.expires_at = (dice.roll(4) == 0).then(|| super::T0.plus_ms(400_000));
        let mut shop = Shop::open(&new);
        for step in 0..STEPS {
            let before = shop.clone();
            let action = act(&mut shop, &mut dice);
            check(&before, &shop, &format!("seed {seed}, step {step}: {action}"));
        }
        ended_paid += usize::from(shop.order.status == OrderStatus::Paid);
    }
    // A walk that never pays would check nothing.
    assert!(ended_paid > 200, "{ended_paid} of {WALKS} walks ended paid");
}

fn act(shop: &mut Shop, dice: &mut Dice) -> String {
    let name = dice.pick(&["L3-1", "A8-1", "P2-1"]);
    let id = 1 + dice.roll(6);
    let outcome = dice.pick(&[
        Outcome::Approved,
        Outcome::Approved,
        Outcome::Declined,
        Outcome::Cancelled,
        Outcome::InDoubt,
    ]);
    let amount = dice.pick(&[1, 250, 500, 500, 1_000, 1_000, 1_001]);
    // Mostly the claim that is in force, sometimes an invented one.
    let (claim, fence) = match &shop.order.claim {
        Some(claim) if dice.roll(5) > 0 => (claim.id.get(), claim.fence.0),
        Some(_) | None => (dice.roll(9), dice.roll(4)),
    };
    let started = shop.attempt(id, claim, fence, amount);
    match dice.roll(12) {
        0 | 1 => {
            let kind = dice.pick(&[ClaimKind::Now, ClaimKind::Delivery]);
            format!("{name} claims {kind:?}: {:?}", shop.claim(name, 1 + dice.roll(50), kind))
        }
        2 => format!("{name} releases: {:?}", shop.release(name, claim)),
        3 | 4 => format!("{name} starts {id} of {amount}: {:?}", shop.start(name, &started)),
        5 | 6 => {
            let known = shop.order.attempts.iter().find(|a| a.id == started.attempt_id);
            // The ledger is asked only about attempts of the same terminal: the store sees to that.
            if known.is_some_and(|known| known.terminal.as_str() != name) {
                return "nothing".into();
            }
            let mut message = ended(&started, outcome);
            if let Some(known) = known.filter(|_| dice.roll(4) > 0) {
                message.attempt.amount = known.amount;
                message.attempt.claim_id = known.claim_id;
                message.attempt.fence = known.fence;
            }
            if dice.roll(8) == 0 {
                message.evidence.amount = Some(money(amount + 1));
            }
            format!("{name} reports {id} {outcome:?}: {:?}", shop.report(name, &message))
        }
        7 => {
            let reason = dice.pick(&[CloseReason::Canceled, CloseReason::Failed, CloseReason::Paid]);
            // Rare, or every walk would end at once.
            if dice.roll(3) > 0 {
                return "nothing".into();
            }
            format!("the PDV closes as {reason:?}: {:?}", shop.close(reason))
        }
        8 => format!("the manager decides {id}: {:?}", shop.resolve(id, dice.roll(2) == 0)),
        9 => format!("the PDV wants {id} back: {:?}", shop.want(id, Some(amount))),
        10 => format!("reversal of {id}: {}", shop.reverse(1 + dice.roll(4) + 10 * id, id, amount, outcome)),
        _ => {
            shop.pass(i64::try_from(dice.roll(200_000)).unwrap());
            "time passes".into()
        }
    }
}

fn check(before: &Shop, after: &Shop, what: &str) {
    let (was, is) = (&before.order, &after.order);
    assert!(is.paid() <= is.total, "{what}: more was booked than the order's total");
    assert!(is.fence >= was.fence, "{what}: a fence went back");
    if let (Some(a), Some(b)) = (&was.claim, &is.claim) {
        let same = a.id == b.id && a.terminal == b.terminal && a.fence == b.fence;
        assert!(same || b.fence > a.fence, "{what}: a claim changed without a new fence");
        let charging = was.attempts.iter().any(|t| t.terminal == a.terminal && t.is_unsettled());
        assert!(a.terminal == b.terminal || !charging, "{what}: an order changed hands under a charge");
    }
    if let (Some(a), None) = (&was.claim, &is.claim) {
        let charging = is.attempts.iter().any(|t| t.terminal == a.terminal && t.is_unsettled());
        assert!(!charging || is.status.is_ended(), "{what}: a claim was lost under a charge");
    }
    if is.kind == OrderKind::Direct {
        let booked: Vec<_> = is.attempts.iter().filter(|a| a.is_approved()).collect();
        assert!(booked.iter().all(|a| a.amount == is.total), "{what}: a direct order was booked in part");
    }
    let by_id: BTreeMap<AttemptId, &Attempt> = is.attempts.iter().map(|a| (a.id, a)).collect();
    assert_eq!(by_id.len(), is.attempts.len(), "{what}: an attempt is there twice");
    for old in &was.attempts {
        let new = by_id.get(&old.id).unwrap_or_else(|| panic!("{what}: an attempt was lost"));
        assert_eq!((old.amount, &old.terminal), (new.amount, &new.terminal), "{what}");
        assert!(!old.is_approved() || new.is_approved(), "{what}: a booked payment was taken back");
        assert!(new.reversed >= old.reversed && new.reversed <= new.amount, "{what}");
        assert!(old.flags.iter().all(|flag| new.flags.contains(flag)), "{what}: a flag was lost");
    }
    let news = &after.told[before.told.len()..];
    let count = |kind| news.iter().filter(|told| **told == kind).count();
    let newly_booked = is
        .attempts
        .iter()
        .filter(|a| a.is_approved() && !was.attempt(a.id).is_some_and(Attempt::is_approved))
        .count();
    assert_eq!(count(EventType::ChargePaid), newly_booked, "{what}: booked and told differ");
    let newly_paid = is.status == OrderStatus::Paid && was.status != OrderStatus::Paid;
    assert_eq!(count(EventType::OrderPaid), usize::from(newly_paid), "{what}");
    match is.status {
        OrderStatus::Open => assert!(!is.balance().is_zero(), "{what}: fully paid and still open"),
        OrderStatus::Closing => {
            let courier = is.claim.as_ref().is_some_and(|claim| claim.kind == ClaimKind::Delivery);
            assert!(is.has_unsettled() || courier, "{what}: closing without a reason");
        }
        OrderStatus::Paid | OrderStatus::Closed => {
            assert_eq!(is.claim, None, "{what}: an ended order is held");
        }
    }
    let reopened = was.status.is_ended() && !is.status.is_ended();
    assert!(!reopened, "{what}: an ended order came back");
}
