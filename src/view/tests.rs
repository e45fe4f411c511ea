//! What people read, page by page: the texts are kept as golden files, and every page must be complete.

use std::sync::Arc;

use protocol::attempt::AttemptAck;
use protocol::claim::{ClaimGrant, ClaimView};
use protocol::feed::{Cursor, FeedPage, Settings};
use protocol::method::{ContractedMethod, Method};
use protocol::order::{OrderKind, OrderStatus, OrderView};
use protocol::refusal::{Refusal, RefusalCode};
use protocol::{Centavos, Fence, OrderId, Serial, UnixMillis};

use super::screen::{KeypadKind, Screen, Widget};
use super::*;
use crate::acquirer::stone::{ReturnScheme, Stone};
use crate::flow::{
    AgentConfig, CallFailure, CallId, DeviceToken, Effect, Event, HubCall, Input, Record, Reply, Serials,
    Unreachable,
};

struct Terminal {
    agent: Agent,
    now: Moment,
    calls: Vec<(CallId, HubCall)>,
    seen: Vec<Screen>,
}

impl Terminal {
    fn new(orders: usize) -> Self {
        let config = AgentConfig {
            serials: Serials::provisioned(Serial::parse("PB0419AL60480").unwrap()),
            version: "1.0.0".into(),
            service: "http://127.0.0.1:8700".into(),
        };
        let stone = Stone::new(ReturnScheme::parse("posconnect").unwrap());
        let mut agent = Agent::new(config, Arc::new(stone), 1);
        agent.replay(&Record::Activated {
            token: DeviceToken::new("t".into()),
            settings: settings(),
            serial: None,
        });
        let now = Moment { wall: UnixMillis(600_000), mono_ms: 0 };
        let mut terminal = Self { agent, now, calls: vec![], seen: vec![] };
        terminal.event(Event::Booted);
        let orders = (1..=orders).map(order).collect();
        let page = FeedPage {
            cursor: Cursor { epoch: 1, sequence: 1 },
            server_time: now.wall,
            snapshot: true,
            more: false,
            orders,
            receipts: vec![],
            receipts_gone: vec![],
            reversals_wanted: vec![],
            settings: None,
        };
        terminal.answer(Ok(Reply::Feed(Box::new(page))));
        terminal
    }

    fn event(&mut self, event: Event) {
        let step = self.agent.handle(event, self.now);
        for effect in step.effects {
            if let Effect::Call { call, request, .. } = effect {
                self.calls.push((call, request));
            }
        }
        self.seen.push(screen(&self.agent, self.now));
    }

    /// Answers the newest call that is not the feed's next round.
    fn answer(&mut self, result: Result<Reply, CallFailure>) {
        let feed = matches!(result, Ok(Reply::Feed(_)));
        let place = self.calls.iter().rposition(|(_, c)| feed == matches!(c, HubCall::Feed { .. })).unwrap();
        let (call, _) = self.calls.remove(place);
        self.event(Event::Answered { call, result });
    }

    fn tap(&mut self, tap: &Tap) {
        let id = tap.id();
        let shown = serde_json::to_string(&self.screen()).unwrap();
        assert!(
            shown.contains(&format!("\"id\":\"{id}\"")),
            "{id} is not on the page {}",
            self.screen().page
        );
        self.event(Event::Input(Input::Tap(id)));
    }

    fn screen(&self) -> Screen {
        screen(&self.agent, self.now)
    }

    fn claim(&mut self) {
        let Some((_, HubCall::Claim(asked))) = self.calls.last().cloned() else { panic!("no claim") };
        let mut order = self.agent.durable().orders[&asked.order_id].clone();
        let terminal = self.agent.serial().unwrap();
        order.revision = 2;
        order.claim = Some(ClaimView { id: asked.claim_id, terminal, kind: asked.kind, fence: Fence(1) });
        let grant = ClaimGrant { claim_id: asked.claim_id, fence: Fence(1), lease_s: Some(120), order };
        self.answer(Ok(Reply::Claimed(Box::new(grant))));
    }

    fn launch(&mut self) -> protocol::AttemptId {
        let Some((_, HubCall::Start(start))) = self.calls.last().cloned() else { panic!("no start") };
        let ack = AttemptAck { attempt_id: start.attempt_id, outcome: None, flags: vec![], order: None };
        self.answer(Ok(Reply::Attempt(Box::new(ack))));
        start.attempt_id
    }
}

fn settings() -> Settings {
    let line = |method, most| ContractedMethod {
        method,
        merchant_installments_max: most,
        issuer_installments_max: 1,
    };
    Settings {
        store_name: "Padaria do Zé".into(),
        acquirer_cnpj: "16501555000157".into(),
        methods: vec![line(Method::Credit, 3), line(Method::Debit, 1), line(Method::Pix, 1)],
        delivery: true,
        counter: true,
        feed_wait_s: 25,
        answer_timeout_s: 180,
    }
}

fn order(n: usize) -> OrderView {
    OrderView {
        id: OrderId::parse(&format!("or_{n}")).unwrap(),
        number: n.to_string(),
        display_name: format!("Mesa {n}"),
        kind: OrderKind::Listed,
        status: OrderStatus::Open,
        total: Centavos::new(12_345).unwrap(),
        paid: Centavos::ZERO,
        reserved: Centavos::ZERO,
        fixed: None,
        claim: None,
        attempts: vec![],
        receipt_expected: false,
        created_at: UnixMillis(i64::try_from(n).unwrap() * 1_000),
        expires_at: None,
        revision: 1,
    }
}

/// A screen as a person reads it, one line a piece.
fn read(screen: &Screen) -> String {
    let mut lines =
        vec![format!("# {} [{}]", screen.title, screen.page), format!("~ {}", screen.status.text)];
    for widget in &screen.widgets {
        match widget {
            Widget::Amount { label, value, main } => {
                lines.push(format!("{} {label}: {value}", if *main { "**" } else { "*" }));
            }
            Widget::Message { title, text, .. } => lines.push(format!("! {title} | {text}")),
            Widget::List { rows, more, empty, .. } => {
                let row =
                    |row: &Row| format!("- {} | {} | {} | {}", row.title, row.detail, row.value, row.badge);
                lines.extend(rows.iter().map(row));
                lines.extend(rows.is_empty().then(|| format!("- ({empty})")));
                lines.extend(more.iter().map(|more| format!("- [{}]", more.label)));
            }
            Widget::Choice { label, options } => {
                let words: Vec<String> =
                    options.iter().map(|o| format!("{} {}", o.label, o.detail).trim().to_owned()).collect();
                lines.push(format!("? {label} {}", words.join(" / ")));
            }
            Widget::Keypad { label, value, .. } => lines.push(format!("# {label}: {value}")),
            Widget::Progress { label, done, of } => lines.push(format!("… {label} {done}/{of}")),
        }
    }
    let buttons: Vec<&str> = screen.actions.iter().map(|action| action.label.as_str()).collect();
    lines.push(format!("[{}]", buttons.join("] [")));
    lines.join("\n")
}

#[test]
fn a_payment_in_words() {
    let mut terminal = Terminal::new(1);
    let mut pages = vec![read(&terminal.screen())];
    terminal.tap(&Tap::Order(order(1).id));
    pages.push(read(&terminal.screen()));
    terminal.claim();
    pages.push(read(&terminal.screen()));
    terminal.tap(&Tap::Split);
    pages.push(read(&terminal.screen()));
    terminal.tap(&Tap::SplitInto(2));
    terminal.tap(&Tap::Method(Method::Credit));
    pages.push(read(&terminal.screen()));
    terminal.tap(&Tap::Installments(protocol::InstallmentType::Merchant, 2));
    let id = terminal.launch();
    pages.push(read(&terminal.screen()));
    let answer = format!("posconnect://pay-response?code=0&amount=6173&installment_count=2&order_id={id}");
    terminal.event(Event::Returned(answer));
    pages.push(read(&terminal.screen()));
    insta::assert_snapshot!(pages.join("\n\n").replace(&id.to_string(), "ATTEMPT"));
}

#[test]
fn what_can_go_wrong_in_words() {
    let mut pages = vec![];
    for failure in [
        CallFailure::Refused(Refusal { holder: Some("SUNMI1234".into()), ..RefusalCode::HeldByOther.into() }),
        CallFailure::Unreachable(Unreachable::Clock),
        CallFailure::Unreachable(Unreachable::NoConnection),
    ] {
        let mut terminal = Terminal::new(1);
        terminal.tap(&Tap::Order(order(1).id));
        terminal.answer(Err(failure));
        pages.push(read(&terminal.screen()));
    }
    let mut terminal = Terminal::new(1);
    terminal.tap(&Tap::Order(order(1).id));
    terminal.claim();
    terminal.tap(&Tap::Method(Method::Debit));
    let id = terminal.launch();
    terminal.now.mono_ms += 30_000;
    pages.push(read(&terminal.screen()));
    terminal.now.mono_ms += 150_000;
    terminal.event(Event::Deadline);
    pages.push(read(&terminal.screen()));
    terminal.event(Event::Returned("posconnect://pay-response?code=0&amount=1&order_id=9".into()));
    terminal.tap(&Tap::Back);
    pages.push(read(&terminal.screen()));
    let mut terminal = Terminal::new(1);
    terminal.agent.block("O arquivo de registros está danificado. Chame o suporte.");
    pages.push(read(&terminal.screen()));
    insta::assert_snapshot!(pages.join("\n\n").replace(&id.to_string(), "ATTEMPT"));
}

#[test]
fn the_list_shows_a_window_and_says_how_many_there_are() {
    let mut terminal = Terminal::new(300);
    let rows = |terminal: &Terminal| {
        let screen = terminal.screen();
        let Widget::List { rows, more, .. } = &screen.widgets[0] else { panic!("{screen:?}") };
        (rows.len(), more.as_ref().map(|more| more.label.clone()))
    };
    assert_eq!(rows(&terminal), (50, Some("Mostrar mais (300 no total)".to_owned())));
    terminal.tap(&Tap::More);
    assert_eq!(rows(&terminal).0, 100);
}

/// Every page of every journey of these tests: each id can be tapped, each page can be worked with the keys, nothing is
/// without words.
#[test]
fn every_page_is_complete() {
    let mut terminal = Terminal::new(3);
    for tap in
        [Tap::Diagnostics, Tap::SyncNow, Tap::Back, Tap::Payments, Tap::Back, Tap::Turn, Tap::TakeOrders]
    {
        terminal.tap(&tap);
    }
    terminal.tap(&Tap::TakeAll);
    terminal.tap(&Tap::TakeSelected);
    terminal.claim();
    terminal.answer(Err(CallFailure::Unreachable(Unreachable::Timeout)));
    terminal.tap(&Tap::Back);
    terminal.tap(&Tap::Order(order(1).id));
    terminal.tap(&Tap::OtherAmount);
    terminal.tap(&Tap::Confirm);
    for screen in &terminal.seen {
        assert!(!screen.title.is_empty() && !screen.page.is_empty() && !screen.status.text.is_empty());
        let keys: Vec<_> = screen.actions.iter().filter_map(|action| action.key).collect();
        let mut distinct = keys.clone();
        distinct.dedup();
        assert_eq!(keys, distinct, "{}: two buttons with one key", screen.page);
        for action in &screen.actions {
            assert!(Tap::parse(&action.id).is_some() && !action.label.is_empty(), "{action:?}");
        }
        for widget in &screen.widgets {
            if let Widget::List { rows, .. } = widget {
                let ids = rows.iter().filter_map(|row| row.id.as_deref());
                assert!(ids.into_iter().all(|id| Tap::parse(id).is_some()));
            }
        }
    }
}

#[test]
fn the_keys_of_an_l3_work_a_payment() {
    let mut terminal = Terminal::new(3);
    let press = |terminal: &mut Terminal, key| {
        let input = terminal.screen().input_for(key).expect("the key does something");
        terminal.event(Event::Input(input));
    };
    press(&mut terminal, Key::Digit(2));
    press(&mut terminal, Key::Enter);
    terminal.claim();
    press(&mut terminal, Key::Digit(2));
    let Some((_, HubCall::Start(start))) = terminal.calls.last() else { panic!("charged") };
    assert_eq!((start.order_id.as_str(), start.choice.method), ("or_2", Method::Debit));
}

#[test]
fn a_code_is_typed_into_its_field() {
    let agent = &Terminal::new(0).agent;
    let drawn = service::activation(agent, "AB", false, None);
    let field = drawn
        .widgets
        .iter()
        .any(|w| matches!(w, Widget::Keypad { kind: KeypadKind::Code, value, .. } if value == "AB"));
    assert!(field);
}
