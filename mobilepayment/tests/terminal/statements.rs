//! An operator says what the card slip of an attempt in doubt says: kept, shown, and never decisive.

use mobilepayment::ledger::command::Resolve;
use mobilepayment::ledger::order::Attempt;
use protocol::attempt::{AttemptAck, AttemptStarted, Evidence, Flag, Outcome};
use protocol::claim::ClaimKind;
use protocol::refusal::{Refusal, RefusalCode};
use protocol::statement::{AttemptStatement, Said};
use protocol::{AttemptId, OrderId, StatementId, UnixMillis};

use crate::support::{A8, Device, L3, Service, account, ended, listed, money, started};

fn charged(authorization_code: &str, atk: &str) -> Said {
    Said::Charged { authorization_code: authorization_code.into(), atk: atk.into() }
}

fn statement(id: u64, attempt: &AttemptStarted, said: Said) -> AttemptStatement {
    AttemptStatement {
        statement_id: StatementId::from_random(id),
        attempt_id: attempt.attempt_id,
        order_id: attempt.order_id.clone(),
        said,
        stated_at: UnixMillis(3),
    }
}

async fn say(device: &Device<'_>, message: &AttemptStatement) -> Result<AttemptAck, Refusal> {
    device.post("attempts/statement", message).await
}

/// An attempt of 600 of 1,000 that nobody knows the outcome of.
async fn doubt(service: &Service, device: &Device<'_>, id: u64) -> AttemptStarted {
    let order = service.create(listed(1_000)).await;
    let grant = device.claim(&order.id, id, ClaimKind::Now).await.unwrap();
    let attempt = started(&grant, id, 600);
    device.start(&attempt).await.unwrap();
    device.report(&ended(&attempt, Outcome::InDoubt)).await;
    attempt
}

async fn known(service: &Service, attempt: &AttemptStarted) -> Attempt {
    service.order(&attempt.order_id).await.attempt(attempt.attempt_id).unwrap().clone()
}

async fn resolve(service: &Service, attempt: &AttemptStarted, approved: bool) {
    let resolve = Resolve {
        account: account(),
        attempt_id: attempt.attempt_id,
        approved,
        evidence: "comprovante".into(),
        reason: "conferido".into(),
        by: "Ana".into(),
    };
    service.store.resolve(resolve).await.unwrap();
}

async fn trail(service: &Service) -> Vec<(String, Option<String>)> {
    let rows = service.store.audit_after(&account(), 0, 200).await.unwrap();
    let rows = rows.into_iter().filter(|row| row.act.what.as_str().starts_with("attempt."));
    rows.map(|row| (format!("{} {}", row.act.what.as_str(), row.act.who), row.act.evidence)).collect()
}

#[tokio::test]
async fn a_statement_is_kept_and_told_and_frees_nothing() {
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    let attempt = doubt(&service, &terminal, 1).await;
    for (id, said) in [(1, Said::NotCharged), (2, charged("187607", "37820073187607")), (3, Said::NotCharged)]
    {
        let ack = say(&terminal, &statement(id, &attempt, said.clone())).await.unwrap();
        assert_eq!(ack.outcome, Some(Outcome::InDoubt), "{said:?}");
        let view = ack.order.unwrap();
        assert_eq!((view.paid, view.reserved), (money(0), money(600)), "{said:?}");
        assert_eq!(known(&service, &attempt).await.statement.unwrap().said, said, "the last one counts");
    }
    let told = service.told().await;
    assert_eq!(told.iter().filter(|kind| **kind == "posconnect.attempt.stated").count(), 3);
    let who = || "attempt.stated terminal L3-0001".to_owned();
    let not = "comprovante no terminal: não aprovado".to_owned();
    let yes = "comprovante no terminal: autorização 187607, NSU 37820073187607".to_owned();
    assert_eq!(
        trail(&service).await,
        [(who(), Some(not.clone())), (who(), Some(yes)), (who(), Some(not))],
        "every one is in the trail"
    );
}

#[tokio::test]
async fn the_same_statement_again_is_one_and_another_under_its_id_is_refused() {
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    let attempt = doubt(&service, &terminal, 1).await;
    let first = statement(1, &attempt, charged("187607", "37820073187607"));
    let ack = say(&terminal, &first).await.unwrap();
    assert_eq!(say(&terminal, &first).await.unwrap(), ack);
    let second = statement(2, &attempt, Said::NotCharged);
    say(&terminal, &second).await.unwrap();
    say(&terminal, &first).await.unwrap();
    let last = known(&service, &attempt).await.statement.unwrap();
    assert_eq!(last.said, Said::NotCharged, "a repetition is no news");
    assert_eq!(trail(&service).await.len(), 2);
    let other = statement(1, &attempt, Said::NotCharged);
    assert_eq!(say(&terminal, &other).await.unwrap_err().code, RefusalCode::IdReused);
    let elsewhere = service.terminal(A8).await;
    assert_eq!(say(&elsewhere, &first).await.unwrap_err().code, RefusalCode::IdReused);
}

#[tokio::test]
async fn codes_that_are_none_are_refused() {
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    let attempt = doubt(&service, &terminal, 1).await;
    for (code, atk) in
        [("", "1"), ("1", ""), ("12 34", "1"), ("1", "ção"), ("1", &"9".repeat(33)), ("1\n", "1")]
    {
        let refusal = say(&terminal, &statement(1, &attempt, charged(code, atk))).await.unwrap_err();
        assert_eq!(refusal.code, RefusalCode::BadRequest, "{code:?} {atk:?}");
    }
    assert_eq!(known(&service, &attempt).await.statement, None);
}

#[tokio::test]
async fn a_statement_about_an_attempt_that_is_unknown_is_acknowledged_and_kept() {
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    let mut lost = doubt(&service, &terminal, 1).await;
    lost.attempt_id = AttemptId::from_random(77);
    let ack = say(&terminal, &statement(1, &lost, Said::NotCharged)).await.unwrap();
    assert_eq!((ack.outcome, ack.flags), (None, vec![Flag::UnknownOrder]));
    lost.order_id = OrderId::parse("or_outra").unwrap();
    let ack = say(&terminal, &statement(2, &lost, Said::NotCharged)).await.unwrap();
    assert_eq!((ack.outcome, ack.order), (None, None));
    say(&terminal, &statement(2, &lost, Said::NotCharged)).await.unwrap();
    let orphans = service.store.orphans(&account()).await.unwrap();
    assert_eq!(orphans.iter().map(|o| o.kind.as_str()).collect::<Vec<_>>(), ["statement", "statement"]);
    assert_eq!(trail(&service).await.len(), 2);
}

#[tokio::test]
async fn another_terminal_says_nothing_about_an_attempt() {
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    let attempt = doubt(&service, &terminal, 1).await;
    let other = service.terminal(A8).await;
    say(&other, &statement(1, &attempt, Said::NotCharged)).await.unwrap();
    assert_eq!(known(&service, &attempt).await.statement, None);
    assert_eq!(service.store.orphans(&account()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn once_a_manager_confirms_it_the_codes_of_the_slip_are_the_evidence() {
    let codes = |code: &str, atk: &str| (Some(code.to_owned()), Some(atk.to_owned()));
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    for (id, said, approved, expected) in [
        (1, charged("187607", "37820073187607"), true, codes("187607", "37820073187607")),
        (2, charged("187607", "37820073187607"), false, (None, None)),
        (3, Said::NotCharged, true, (None, None)),
    ] {
        let attempt = doubt(&service, &terminal, id).await;
        say(&terminal, &statement(id, &attempt, said)).await.unwrap();
        resolve(&service, &attempt, approved).await;
        let evidence = known(&service, &attempt).await.evidence;
        assert_eq!((evidence.authorization_code, evidence.atk), expected, "{id}");
    }
}

#[tokio::test]
async fn codes_of_a_slip_never_replace_what_the_acquirers_app_said() {
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    let attempt = doubt(&service, &terminal, 1).await;
    let mut partly = ended(&attempt, Outcome::InDoubt);
    partly.evidence = Evidence { atk: Some("REAL".into()), ..Evidence::default() };
    terminal.report(&partly).await;
    say(&terminal, &statement(1, &attempt, charged("187607", "TYPED"))).await.unwrap();
    resolve(&service, &attempt, true).await;
    let evidence = known(&service, &attempt).await.evidence;
    assert_eq!(
        (evidence.atk.as_deref(), evidence.authorization_code.as_deref()),
        (Some("REAL"), Some("187607"))
    );

    let late = doubt(&service, &terminal, 2).await;
    say(&terminal, &statement(2, &late, charged("187607", "TYPED"))).await.unwrap();
    resolve(&service, &late, true).await;
    let approved = ended(&late, Outcome::Approved);
    let ack = terminal.report(&approved).await;
    assert_eq!((ack.outcome, ack.order.unwrap().paid), (Some(Outcome::Approved), money(600)));
    assert_eq!(known(&service, &late).await.evidence, approved.evidence, "the app's own answer counts more");
}

#[tokio::test]
async fn statements_without_end_do_not_fill_the_database() {
    let service = Service::start().await;
    let terminal = service.terminal(L3).await;
    let attempt = doubt(&service, &terminal, 1).await;
    for id in 1..=101 {
        say(&terminal, &statement(id, &attempt, charged("1", &id.to_string()))).await.unwrap();
    }
    assert_eq!(known(&service, &attempt).await.statement.unwrap().said, charged("1", "100"));
    assert_eq!(trail(&service).await.len(), 100);
}
