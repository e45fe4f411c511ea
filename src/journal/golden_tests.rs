//! Bytes that were once written must stay readable.
//!
//! `fixtures/records-v1.jsonl` has one record of each kind as version 1 writes it; `fixtures/journal-v1.redb` is a whole
//! journal of them: a snapshot, then the same records once more. Once a version has left the house its fixtures are
//! never changed. While it has not, `POS_CONNECT_WRITE_FIXTURES=1 cargo test golden` writes them anew.

use std::path::{Path, PathBuf};

use protocol::attempt::{AttemptEnded, AttemptStarted, Evidence, Flag, Outcome, OutcomeReason};
use protocol::claim::{ClaimGrant, ClaimKind, ClaimView};
use protocol::feed::{Cursor, FeedPage, Settings};
use protocol::method::{ContractedMethod, InstallmentType, Installments, Method};
use protocol::order::{AttemptView, OrderKind, OrderStatus, OrderView};
use protocol::receipt::{ReceiptKind, ReceiptNotice, ReceiptResult, ReceiptState};
use protocol::reversal::{ReversalEnded, ReversalWanted};
use protocol::statement::{AttemptStatement, Said};
use protocol::{
    AttemptId, Centavos, ClaimId, Fence, OrderId, PaymentChoice, PrintId, ReversalId, Serial, StatementId,
    UnixMillis,
};

use super::{Durable, Journal, Record};
use crate::flow::record::{ReversalStart, StartedAttempt, Stray, StrayReason};
use crate::flow::{DeviceToken, PreparedReceipt};

const RECORDS: &str = "records-v1.jsonl";
const JOURNAL: &str = "journal-v1.redb";
const AT: UnixMillis = UnixMillis(1_700_000_000_000);

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/journal/fixtures").join(name)
}

fn writes_fixtures() -> bool {
    std::env::var_os("POS_CONNECT_WRITE_FIXTURES").is_some()
}

#[test]
fn every_kind_of_record_is_written_and_read_as_in_version_1() {
    let written: String = samples().iter().map(|r| serde_json::to_string(r).unwrap() + "\n").collect();
    if writes_fixtures() {
        std::fs::write(fixture(RECORDS), &written).unwrap();
    }
    let stored = std::fs::read_to_string(fixture(RECORDS)).unwrap();
    assert_eq!(written, stored);
    let read: Vec<Record> = stored.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read, samples());
    let kinds: Vec<usize> = samples().iter().map(kind).collect();
    assert_eq!(kinds, (0..kinds.len()).collect::<Vec<_>>(), "one sample of each kind, in order");
}

#[test]
fn a_journal_that_version_1_wrote_opens_with_everything_in_it() {
    let mut durable = Durable::default();
    for record in &samples() {
        durable.apply(record);
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("journal.redb");
    if writes_fixtures() {
        let (mut journal, _) = Journal::open(dir.path()).unwrap();
        journal.append(&samples()).unwrap();
        journal.compact(&durable).unwrap();
        journal.append(&samples()).unwrap();
        drop(journal);
        std::fs::copy(&file, fixture(JOURNAL)).unwrap();
    }
    std::fs::copy(fixture(JOURNAL), &file).unwrap();
    let (_, opened) = Journal::open(dir.path()).unwrap();
    assert_eq!(opened.snapshot, Some(durable));
    assert_eq!(opened.records, samples());
}

/// Counts the kinds, so that a new one cannot be forgotten here: add it to [`samples`] as well.
const fn kind(record: &Record) -> usize {
    match record {
        Record::Activated { .. } => 0,
        Record::Blocked(_) => 1,
        Record::Feed { .. } => 2,
        Record::OrderSeen(_) => 3,
        Record::ClaimGranted { .. } => 4,
        Record::ClaimEnded { .. } => 5,
        Record::ReleaseReported { .. } => 6,
        Record::AttemptStarted(_) => 7,
        Record::AttemptLaunched { .. } => 8,
        Record::AttemptEnded { .. } => 9,
        Record::AttemptReported { .. } => 10,
        Record::AttemptSettledByStore { .. } => 11,
        Record::Stray(_) => 12,
        Record::StraysSeen => 13,
        Record::ReversalStarted(_) => 14,
        Record::ReversalEnded(_) => 15,
        Record::ReversalReported { .. } => 16,
        Record::ReceiptReady { .. } => 17,
        Record::ReceiptBad { .. } => 18,
        Record::ReceiptDone(_) => 19,
        Record::ReceiptReported { .. } => 20,
        Record::AttemptStated(_) => 21,
        Record::StatementReported { .. } => 22,
        Record::ReversalRetried { .. } => 23,
        Record::ReversalSettledByStore { .. } => 24,
    }
}

fn samples() -> Vec<Record> {
    let order_id = order().id;
    let (claim_id, attempt_id) = (ClaimId::from_random(11), AttemptId::from_random(12));
    let statement_id = StatementId::from_random(14);
    let (reversal_id, print_id) = (ReversalId::from_random(13), PrintId::parse("pr_1").unwrap());
    let grant = ClaimGrant { claim_id, fence: Fence(3), lease_s: Some(120), order: order() };
    vec![
        Record::Activated { token: DeviceToken::new("token".into()), settings: settings(), serial: None },
        Record::Blocked(false),
        Record::Feed { page: Box::new(page()), at: AT },
        Record::OrderSeen(Box::new(order())),
        Record::ClaimGranted { grant: Box::new(grant), kind: ClaimKind::Delivery, at: AT },
        Record::ClaimEnded { order_id: order_id.clone(), claim_id, tell: true },
        Record::ReleaseReported { claim_id },
        Record::AttemptStarted(Box::new(StartedAttempt {
            attempt: started(),
            order_number: "77".into(),
            order_name: "Mesa 4".into(),
            order_total: money(10_000),
            delivery: true,
            receipt_expected: true,
        })),
        Record::AttemptLaunched { attempt_id, at: AT },
        Record::AttemptEnded {
            ended: Box::new(ended()),
            answer: Some("posconnect://pay-response?code=0".into()),
        },
        Record::AttemptReported {
            attempt_id,
            end: 1,
            held: Some(Outcome::InDoubt),
            flags: vec![Flag::ExceedsBalance],
        },
        Record::AttemptSettledByStore { attempt_id, outcome: Outcome::Approved },
        Record::Stray(Stray {
            answer: "posconnect://pay-response?code=0".into(),
            attempt_id: Some(attempt_id),
            why: StrayReason::Repeated,
            at: AT,
        }),
        Record::StraysSeen,
        Record::ReversalStarted(ReversalStart {
            reversal_id,
            attempt_id,
            order_id: order_id.clone(),
            atk: "123".into(),
            amount: money(5_000),
            started_at: AT,
        }),
        Record::ReversalEnded(ReversalEnded {
            reversal_id,
            attempt_id,
            order_id,
            amount: money(5_000),
            outcome: Outcome::Declined,
            reason: Some(OutcomeReason::Refused),
            response_code: Some("7202".into()),
            started_at: AT,
            ended_at: AT,
        }),
        Record::ReversalReported { reversal_id, end: 1 },
        Record::ReceiptReady {
            print_id: print_id.clone(),
            prepared: PreparedReceipt { parts: 2, height_dots: 3_000 },
        },
        Record::ReceiptBad {
            print_id: print_id.clone(),
            code: "not_base64".into(),
            sentence: "Imagem inválida.".into(),
        },
        Record::ReceiptDone(ReceiptResult {
            print_id: print_id.clone(),
            state: ReceiptState::Failed,
            problem: Some("no_paper".into()),
            at: AT,
        }),
        Record::ReceiptReported { print_id },
        Record::AttemptStated(AttemptStatement {
            statement_id,
            attempt_id,
            order_id: order().id,
            said: Said::Charged { authorization_code: "187607".into(), atk: "12345678901234".into() },
            stated_at: AT,
        }),
        Record::StatementReported { attempt_id, statement_id },
        Record::ReversalRetried { reversal_id, at: AT },
        Record::ReversalSettledByStore { reversal_id, outcome: Outcome::Approved },
    ]
}

fn money(centavos: u64) -> Centavos {
    Centavos::new(centavos).unwrap()
}

fn settings() -> Settings {
    Settings {
        store_name: "Loja".into(),
        acquirer_cnpj: "16501555000157".into(),
        methods: vec![ContractedMethod {
            method: Method::Credit,
            merchant_installments_max: 6,
            issuer_installments_max: 1,
        }],
        delivery: true,
        counter: false,
        feed_wait_s: 25,
        answer_timeout_s: 180,
    }
}

fn choice() -> PaymentChoice {
    let installments = Installments { count: 3, kind: InstallmentType::Merchant };
    PaymentChoice { method: Method::Credit, installments: Some(installments) }
}

fn order() -> OrderView {
    let terminal = Serial::parse("PB0419AL60480").unwrap();
    OrderView {
        id: OrderId::parse("or_1").unwrap(),
        number: "77".into(),
        display_name: "Mesa 4".into(),
        kind: OrderKind::Listed,
        status: OrderStatus::Open,
        total: money(10_000),
        paid: money(5_000),
        reserved: money(1_000),
        fixed: Some(choice()),
        claim: Some(ClaimView {
            id: ClaimId::from_random(11),
            terminal: terminal.clone(),
            kind: ClaimKind::Now,
            fence: Fence(3),
        }),
        attempts: vec![AttemptView {
            id: AttemptId::from_random(9),
            terminal,
            amount: money(5_000),
            choice: PaymentChoice::at_once(Method::Pix),
            outcome: Some(Outcome::Approved),
            resolved_by_store: true,
            reversed: money(100),
            settled_reversals: vec![],
        }],
        receipt_expected: true,
        created_at: AT,
        expires_at: Some(AT.plus_ms(60_000)),
        revision: 4,
    }
}

fn page() -> FeedPage {
    FeedPage {
        cursor: Cursor { epoch: 2, sequence: 99 },
        server_time: AT,
        snapshot: true,
        more: false,
        restored: false,
        orders: vec![order()],
        receipts: vec![ReceiptNotice {
            print_id: PrintId::parse("pr_1").unwrap(),
            order_id: order().id,
            order_number: "77".into(),
            kind: ReceiptKind::Nfe,
            size_bytes: 4_096,
            created_at: AT,
        }],
        receipts_gone: vec![PrintId::parse("pr_0").unwrap()],
        reversals_wanted: vec![ReversalWanted {
            attempt_id: AttemptId::from_random(9),
            order_id: order().id,
            amount: money(100),
            wanted_at: AT,
        }],
        settings: Some(settings()),
    }
}

fn started() -> AttemptStarted {
    AttemptStarted {
        attempt_id: AttemptId::from_random(12),
        order_id: order().id,
        claim_id: ClaimId::from_random(11),
        fence: Fence(3),
        amount: money(5_000),
        choice: choice(),
        started_at: AT,
    }
}

fn ended() -> AttemptEnded {
    AttemptEnded {
        attempt: started(),
        outcome: Outcome::Approved,
        reason: Some(OutcomeReason::AmountDiffers),
        evidence: Evidence {
            code: Some("0".into()),
            amount: Some(money(5_000)),
            method: Some(Method::Credit),
            installments: Some(3),
            brand: Some("VISA".into()),
            last4: Some("2166".into()),
            authorization_code: Some("187607".into()),
            atk: Some("12345678901234".into()),
            itk: Some("PB0419AL604801".into()),
            entry_mode: Some("ICC".into()),
            authorized_at_local: Some("2026-01-02T03:04:05".into()),
        },
        ended_at: AT,
    }
}
