//! From `open` to the first screen with a journal of 10,000 records, each start on a journal of its own: a start makes it
//! short again.

use std::time::Instant;

use pos_connect::driver::{Output, Polled};
use pos_connect::flow::record::StartedAttempt;
use pos_connect::flow::{DeviceToken, Record};
use pos_connect::journal::Journal;
use protocol::attempt::{AttemptEnded, AttemptStarted, Evidence, Outcome};
use protocol::{AttemptId, Centavos, ClaimId, Fence, Method, OrderId, PaymentChoice, UnixMillis};
use tempfile::TempDir;

use super::{PATIENCE, java, runtime, start};
use crate::agent::{order, page, settings};
use crate::table::{Samples, Table, Target};

const RECORDS: usize = 10_000;
/// Records of one payment, from the feed's news to the service's acknowledgement.
const RECORDS_OF_A_PAYMENT: usize = 5;
const RUNS: usize = 7;

pub(super) fn measure(table: &mut Table) {
    let (mut bare, mut through) = (vec![], vec![]);
    let runtime = runtime();
    for _ in 0..RUNS {
        let directory = journal();
        let began = Instant::now();
        let (handle, mut outputs) = start(directory.path(), &runtime);
        let first = outputs.next_timeout(PATIENCE);
        bare.push(began.elapsed());
        assert!(matches!(first, Polled::Output(Output::Screen { .. })), "{first:?}");
        handle.power_off();
        let directory = journal();
        through
            .extend(java(&["start", &directory.path().to_string_lossy()]).into_iter().map(|(_, time)| time));
    }
    let (bare, through) = (Samples::from(bare), Samples::from(through));
    let reference = (bare.median_us() / 1e3, "the same start without the bridge");
    let name = "bridge: open to first screen, 10,000 records";
    table.add(name, through.median_us() / 1e3, "ms", reference, &Target::Below(300.0));
}

fn journal() -> TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    let (mut journal, _) = Journal::open(directory.path()).expect("a new journal");
    let activated =
        Record::Activated { token: DeviceToken::new("token".into()), settings: settings(), serial: None };
    journal.append(&[activated]).expect("the journal takes it");
    for number in (1..).take(RECORDS / RECORDS_OF_A_PAYMENT) {
        journal.append(&payment(number)).expect("the journal takes them");
    }
    directory
}

fn payment(number: u64) -> [Record; RECORDS_OF_A_PAYMENT] {
    let at = UnixMillis(1_780_000_000_000);
    let attempt_id = AttemptId::from_random(number);
    let amount = Centavos::new(1_000).expect("a small amount");
    let choice = PaymentChoice::at_once(Method::Debit);
    let attempt = AttemptStarted {
        attempt_id,
        order_id: OrderId::parse(&format!("or_{number:020}")).expect("an order id"),
        claim_id: ClaimId::from_random(number),
        fence: Fence(1),
        amount,
        choice,
        started_at: at,
    };
    let start = StartedAttempt {
        attempt: attempt.clone(),
        order_number: number.to_string(),
        order_name: String::new(),
        order_total: amount,
        receipt_expected: false,
        delivery: false,
    };
    let evidence = Evidence {
        code: Some("0".into()),
        amount: Some(amount),
        method: Some(Method::Debit),
        authorization_code: Some("123456".into()),
        atk: Some("12345678901234".into()),
        ..Evidence::default()
    };
    let ended = AttemptEnded { attempt, outcome: Outcome::Approved, reason: None, evidence, ended_at: at };
    [
        Record::Feed { page: Box::new(page(number, vec![order(number % 500, number)])), at },
        Record::AttemptStarted(Box::new(start)),
        Record::AttemptLaunched { attempt_id, at },
        Record::AttemptEnded { ended: Box::new(ended), answer: None },
        Record::AttemptReported { attempt_id, end: 1, held: Some(Outcome::Approved), flags: vec![] },
    ]
}
