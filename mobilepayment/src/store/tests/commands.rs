//! Single commands against the real database.

use protocol::attempt::{AttemptEnded, AttemptStarted, Evidence, Flag, Outcome};
use protocol::claim::{ClaimKind, ClaimRequest};
use protocol::refusal::RefusalCode;
use protocol::reversal::ReversalEnded;
use protocol::{AttemptId, Centavos, ClaimId, Fence, Method, OrderId, PaymentChoice, ReversalId, UnixMillis};

use super::{Office, listed, terminal};
use crate::ledger::command::Idempotency;
use crate::ledger::order::Order;
use crate::ledger::refusal::PdvRefusal;
use crate::store::CommandError;

fn keyed(key: &str, body: u8) -> crate::ledger::command::NewOrder {
    let mut new = listed(1_000);
    new.idempotency = Some(Idempotency { key: key.into(), request_hash: [body; 32] });
    new
}

#[test]
fn the_same_request_creates_one_order_and_another_under_its_key_is_refused() {
    let mut office = Office::open();
    let first = office.desk.run(|unit| unit.create_order(&keyed("k", 1))).unwrap();
    let again = office.desk.run(|unit| unit.create_order(&keyed("k", 1))).unwrap();
    assert!(!first.repeated && again.repeated);
    assert_eq!(first.order, again.order);
    let other = office.desk.run(|unit| unit.create_order(&keyed("k", 2)));
    assert_eq!(other.unwrap_err(), CommandError::Refused(PdvRefusal::IdempotencyKeyReused));
    assert!(office.desk.run(|unit| unit.create_order(&keyed("l", 2))).is_ok());
    assert!(office.desk.run(|unit| unit.create_order(&keyed("", 2))).is_err());
    assert_eq!(office.count("orders"), 2);
}

/// An order that L3-1 holds, and the message that it was charged 600.
fn charged(office: &mut Office, id: u64) -> (Order, AttemptEnded) {
    let order = office.desk.run(|unit| unit.create_order(&listed(1_000))).unwrap().order;
    let request =
        ClaimRequest { claim_id: ClaimId::from_random(id), order_id: order.id.clone(), kind: ClaimKind::Now };
    office.desk.run(|unit| unit.claim(&terminal("L3-1"), &request)).unwrap();
    let message = AttemptEnded {
        attempt: AttemptStarted {
            attempt_id: AttemptId::from_random(id),
            order_id: order.id.clone(),
            claim_id: request.claim_id,
            fence: Fence(1),
            amount: Centavos::new(600).unwrap(),
            choice: PaymentChoice::at_once(Method::Debit),
            started_at: UnixMillis(1),
        },
        outcome: Outcome::Approved,
        reason: None,
        evidence: Evidence {
            atk: Some("31000001234567".into()),
            last4: Some("4111111111111234".into()),
            ..Evidence::default()
        },
        ended_at: UnixMillis(2),
    };
    (order, message)
}

#[test]
fn ids_of_one_order_are_not_good_for_another() {
    let mut office = Office::open();
    let l3 = terminal("L3-1");
    let (_, first) = charged(&mut office, 1);
    office.desk.run(|unit| unit.report_attempt(&l3, &first)).unwrap();
    let (other, mut second) = charged(&mut office, 2);

    let claim =
        ClaimRequest { claim_id: ClaimId::from_random(1), order_id: other.id.clone(), kind: ClaimKind::Now };
    let refused = office.desk.run(|unit| unit.claim(&l3, &claim)).unwrap_err();
    assert!(matches!(refused, CommandError::Refused(r) if r.code == RefusalCode::IdReused));

    second.attempt.attempt_id = AttemptId::from_random(1);
    let refused = office.desk.run(|unit| unit.start_attempt(&l3, &second.attempt)).unwrap_err();
    assert!(matches!(refused, CommandError::Refused(r) if r.code == RefusalCode::IdReused));
    let ack = office.desk.run(|unit| unit.report_attempt(&l3, &second)).unwrap();
    assert_eq!((ack.outcome, ack.flags), (Some(Outcome::InDoubt), vec![Flag::IdReused]));
    assert_eq!(office.count("orphans"), 1);
    assert_eq!(ack.order.unwrap().paid, Centavos::ZERO);
}

#[test]
fn every_distinct_report_is_kept_and_a_repeated_one_once() {
    let mut office = Office::open();
    let l3 = terminal("L3-1");
    let (_, mut message) = charged(&mut office, 1);
    for outcome in [Outcome::InDoubt, Outcome::Approved, Outcome::Approved, Outcome::Declined] {
        message.outcome = outcome;
        office.desk.run(|unit| unit.report_attempt(&l3, &message)).unwrap();
    }
    assert_eq!(office.count("reports"), 3);
    let mut later = message.clone();
    for ended_at in 0..200 {
        later.ended_at = UnixMillis(ended_at);
        office.desk.run(|unit| unit.report_attempt(&l3, &later)).unwrap();
    }
    assert_eq!(office.count("reports"), 100, "a terminal gone wild does not fill the database");
}

#[test]
fn no_more_than_four_digits_of_a_card_reach_the_database() {
    let mut office = Office::open();
    let (_, message) = charged(&mut office, 1);
    office.desk.run(|unit| unit.report_attempt(&terminal("L3-1"), &message)).unwrap();
    let (desk, folder) = (office.desk, office.folder);
    drop(desk);
    for file in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("411111"), "a card number was stored");
    }
}

#[test]
fn a_reversal_that_fits_no_payment_is_kept_and_told_once() {
    let mut office = Office::open();
    let message = ReversalEnded {
        reversal_id: ReversalId::from_random(1),
        attempt_id: AttemptId::from_random(9),
        order_id: OrderId::parse("or_unknown").unwrap(),
        amount: Centavos::new(1).unwrap(),
        outcome: Outcome::Approved,
        reason: None,
        response_code: None,
        started_at: UnixMillis(1),
        ended_at: UnixMillis(2),
    };
    for _ in 0..2 {
        let ack = office.desk.run(|unit| unit.report_reversal(&terminal("L3-1"), &message)).unwrap();
        assert_eq!(ack.flags, [Flag::UnknownOrder]);
    }
    assert_eq!((office.count("orphans"), office.count("events")), (1, 1));
}

#[test]
fn the_database_itself_refuses_to_book_more_than_the_total() {
    let mut office = Office::open();
    let order = office.desk.run(|unit| unit.create_order(&listed(1_000))).unwrap().order;
    let broken = office.desk.run(|unit| {
        let count = unit
            .db
            .execute("UPDATE orders SET paid_centavos = 1001 WHERE id = ?1", [order.id.as_str()])
            .map_err(crate::db::DbError::from)?;
        Ok::<usize, crate::store::unit::Failure<()>>(count)
    });
    assert!(broken.is_err());
}
