//! One agent driven by hand, with what its screens show: a store, its orders, and an acquirer's app that says what the
//! test wants.

use std::sync::Arc;

use protocol::attempt::{AttemptAck, Flag, Outcome};
use protocol::claim::{ClaimGrant, ClaimView};
use protocol::feed::{Cursor, FeedPage, Settings};
use protocol::method::{ContractedMethod, Method};
use protocol::order::{AttemptView, OrderKind, OrderStatus, OrderView};
use protocol::receipt::{ReceiptKind, ReceiptNotice};
use protocol::refusal::{Refusal, RefusalCode};
use protocol::{AttemptId, Centavos, Fence, OrderId, PrintId, Serial, UnixMillis};

use crate::acquirer::stone::{ReturnScheme, Stone};
use crate::flow::{
    Agent, AgentConfig, CallFailure, CallId, DeviceToken, Effect, Event, HubCall, Input, Moment,
    PreparedReceipt, Record, Reply, Serials, Tap, Unreachable,
};
use crate::view::screen;
use crate::view::screen::{Key, Screen};

/// A moment in the afternoon; long after the orders of [`order`].
pub(super) const NOW: UnixMillis = UnixMillis(600_000);

#[derive(Clone)]
pub(super) struct Terminal {
    pub(super) agent: Agent,
    pub(super) now: Moment,
    pub(super) calls: Vec<(CallId, HubCall)>,
    /// Every screen so far.
    pub(super) seen: Vec<Screen>,
    sequence: u64,
}

impl Terminal {
    /// An activated terminal whose store has this many listed orders.
    pub(super) fn new(orders: usize) -> Self {
        Self::selling((1..=orders).map(order).collect())
    }

    /// An activated terminal whose store has these orders.
    pub(super) fn selling(orders: Vec<OrderView>) -> Self {
        let mut terminal = Self::activated(settings());
        terminal.hear(orders);
        terminal
    }

    /// An activated terminal that has heard nothing yet.
    pub(super) fn activated(settings: Settings) -> Self {
        let mut terminal = Self::unboxed();
        terminal.agent.replay(&Record::Activated {
            token: DeviceToken::new("t".into()),
            settings,
            serial: None,
        });
        terminal.event(Event::Booted);
        terminal
    }

    /// A terminal that was never activated and is not yet started.
    pub(super) fn unboxed() -> Self {
        Self::with_serials(Serials::provisioned(Serial::parse("PB0419AL60480").unwrap()))
    }

    /// The same with what the shell knows of its serial number.
    pub(super) fn with_serials(serials: Serials) -> Self {
        let config =
            AgentConfig { serials, version: "1.0.0".into(), service: "http://127.0.0.1:8700".into() };
        let stone = Stone::new(ReturnScheme::parse("posconnect").unwrap());
        let agent = Agent::new(config, Arc::new(stone), 1);
        let now = Moment { wall: NOW, mono_ms: 0 };
        Self { agent, now, calls: vec![], seen: vec![], sequence: 0 }
    }

    pub(super) fn event(&mut self, event: Event) {
        let step = self.agent.handle(event, self.now);
        for effect in step.effects {
            match effect {
                Effect::Call { call, request, .. } => self.calls.push((call, request)),
                Effect::Drop(call) => self.calls.retain(|(open, _)| *open != call),
                Effect::Authenticate(_)
                | Effect::Open { .. }
                | Effect::FetchReceipt(_)
                | Effect::Print { .. }
                | Effect::ForgetReceipt(_)
                | Effect::Alert(_)
                | Effect::KeepAwake(_) => {}
            }
        }
        self.seen.push(self.screen());
    }

    pub(super) fn screen(&self) -> Screen {
        screen(&self.agent, self.now)
    }

    /// Taps what the screen offers.
    pub(super) fn tap(&mut self, tap: &Tap) {
        let id = tap.id();
        let screen = self.screen();
        let shown = serde_json::to_string(&screen).unwrap();
        assert!(shown.contains(&format!("\"id\":\"{id}\"")), "{id} is not on the page {}", screen.page);
        self.event(Event::Input(Input::Tap(id)));
    }

    /// Presses a physical key that does something here.
    pub(super) fn press(&mut self, key: Key) {
        let screen = self.screen();
        let input =
            screen.input_for(key).unwrap_or_else(|| panic!("{key:?} does nothing on {}", screen.page));
        self.event(Event::Input(input));
    }

    pub(super) fn write(&mut self, field: &str, value: &str) {
        self.event(Event::Input(Input::Text { id: field.to_owned(), value: value.to_owned() }));
    }

    pub(super) fn type_amount(&mut self, centavos: u64) {
        for digit in centavos.to_string().bytes() {
            self.tap(&Tap::Digit(digit - b'0'));
        }
        self.tap(&Tap::Confirm);
    }

    pub(super) fn pass(&mut self, ms: u64) {
        self.now.mono_ms += ms;
        self.now.wall = self.now.wall.plus_ms(i64::try_from(ms).unwrap());
        self.event(Event::Deadline);
    }

    /// Answers the newest call that is not the feed's next round.
    pub(super) fn answer(&mut self, result: Result<Reply, CallFailure>) {
        let feed = matches!(result, Ok(Reply::Feed(_)));
        self.answer_to(|call| feed == matches!(call, HubCall::Feed { .. }), result);
    }

    /// Answers the newest call of this kind.
    pub(super) fn answer_to(
        &mut self,
        wanted: impl Fn(&HubCall) -> bool,
        result: Result<Reply, CallFailure>,
    ) {
        let place = self.calls.iter().rposition(|(_, call)| wanted(call)).expect("the call was made");
        let (call, _) = self.calls.remove(place);
        self.event(Event::Answered { call, result });
    }

    pub(super) fn refuse(&mut self, code: RefusalCode) {
        self.answer(Err(CallFailure::Refused(code.into())));
    }

    pub(super) fn held_by(&mut self, holder: &str) {
        let refusal = Refusal { holder: Some(holder.to_owned()), ..RefusalCode::HeldByOther.into() };
        self.answer(Err(CallFailure::Refused(refusal)));
    }

    /// The store cannot be reached any more, and whatever was asked stays without an answer.
    pub(super) fn lose_the_store(&mut self) {
        while let Some(place) = self.calls.iter().position(|(_, call)| !matches!(call, HubCall::Feed { .. }))
        {
            let (call, _) = self.calls.remove(place);
            let result = Err(CallFailure::Unreachable(Unreachable::Timeout));
            self.event(Event::Answered { call, result });
        }
        self.event(Event::Network { connected: false });
    }

    /// The feed brings these orders.
    pub(super) fn hear(&mut self, orders: Vec<OrderView>) {
        self.hear_page(|page| page.orders = orders);
    }

    /// The feed brings a page.
    pub(super) fn hear_page(&mut self, change: impl FnOnce(&mut FeedPage)) {
        self.sequence += 1;
        let mut page = FeedPage {
            cursor: Cursor { epoch: 1, sequence: self.sequence },
            server_time: self.now.wall,
            snapshot: self.sequence == 1,
            more: false,
            restored: false,
            orders: vec![],
            receipts: vec![],
            receipts_gone: vec![],
            reversals_wanted: vec![],
            settings: None,
        };
        change(&mut page);
        self.answer(Ok(Reply::Feed(Box::new(page))));
    }

    /// The service grants the claim that was asked for.
    pub(super) fn claim(&mut self) {
        let wanted = |call: &HubCall| matches!(call, HubCall::Claim(_));
        let Some((_, HubCall::Claim(asked))) = self.calls.iter().rfind(|(_, call)| wanted(call)).cloned()
        else {
            panic!("no claim")
        };
        let mut order = self.agent.durable().orders[&asked.order_id].clone();
        let terminal = self.agent.serial().unwrap();
        order.revision += 1;
        order.claim = Some(ClaimView { id: asked.claim_id, terminal, kind: asked.kind, fence: Fence(1) });
        let grant = ClaimGrant { claim_id: asked.claim_id, fence: Fence(1), lease_s: Some(120), order };
        self.answer_to(wanted, Ok(Reply::Claimed(Box::new(grant))));
    }

    /// Taps an order of the list and gets it.
    pub(super) fn take(&mut self, id: &OrderId) {
        self.tap(&Tap::Order(id.clone()));
        self.claim();
    }

    /// The service hears of the start, and the acquirer's app opens.
    pub(super) fn launch(&mut self) -> AttemptId {
        let wanted = |call: &HubCall| matches!(call, HubCall::Start(_));
        let Some((_, HubCall::Start(start))) = self.calls.iter().rfind(|(_, call)| wanted(call)).cloned()
        else {
            panic!("no start")
        };
        let ack = AttemptAck { attempt_id: start.attempt_id, outcome: None, flags: vec![], order: None };
        self.answer_to(wanted, Ok(Reply::Attempt(Box::new(ack))));
        start.attempt_id
    }

    /// Takes an order and opens the acquirer's app for all of it.
    pub(super) fn charge(&mut self, id: &OrderId, method: Method) -> AttemptId {
        self.take(id);
        self.tap(&Tap::Method(method));
        if method == Method::Credit {
            self.tap(&Tap::Installments(protocol::InstallmentType::Merchant, 1));
        }
        self.launch()
    }

    /// The acquirer's app approves the payment that it was asked for.
    pub(super) fn approve(&mut self, id: AttemptId) {
        let asked = &self.agent.durable().attempts[&id].start.attempt;
        let method = match asked.choice.method {
            Method::Credit => "Cr%C3%A9dito",
            Method::Debit => "D%C3%A9bito",
            Method::Voucher => "Voucher",
            Method::Pix => "Pix",
        };
        let code = 187_607 + self.agent.durable().attempts.len();
        let uri = format!(
            "posconnect://pay-response?code=0&amount={}&type={method}&order_id={id}&atk=378200731{code}\
             &authorization_code={code}&installment_count={}&brand=VISA&pan=406655******1234\
             &authorization_date_time=05%2F10%2F2026+14%3A36%3A17",
            asked.amount.get(),
            asked.choice.installments.map_or(0, |i| i.count),
        );
        self.event(Event::Returned(uri));
    }

    /// The acquirer's app answers without a word about money.
    pub(super) fn returned(&mut self, answer: &str) {
        self.event(Event::Returned(format!("posconnect://{answer}")));
    }

    /// The service takes down the outcome that was reported.
    pub(super) fn acknowledge(&mut self, flags: Vec<Flag>) {
        let wanted = |call: &HubCall| matches!(call, HubCall::Outcome(_));
        let Some((_, HubCall::Outcome(ended))) = self.calls.iter().rfind(|(_, call)| wanted(call)).cloned()
        else {
            panic!("no outcome")
        };
        let asked = &ended.attempt;
        let outcome = if flags.is_empty() { ended.outcome } else { Outcome::InDoubt };
        let order = self.agent.durable().orders.get(&asked.order_id).cloned().map(|mut order| {
            order.revision += 1;
            let terminal = self.agent.serial().unwrap();
            order.attempts.push(AttemptView {
                id: asked.attempt_id,
                terminal,
                amount: asked.amount,
                choice: asked.choice,
                outcome: Some(outcome),
                resolved_by_store: false,
                reversed: Centavos::ZERO,
                settled_reversals: vec![],
            });
            let counted = match outcome {
                Outcome::Approved => &mut order.paid,
                Outcome::InDoubt => &mut order.reserved,
                Outcome::Declined | Outcome::Cancelled => return order,
            };
            *counted = counted.checked_add(asked.amount).unwrap();
            if order.balance().is_zero() {
                order.status = OrderStatus::Paid;
            }
            order
        });
        let ack = AttemptAck { attempt_id: asked.attempt_id, outcome: Some(outcome), flags, order };
        self.answer_to(wanted, Ok(Reply::Attempt(Box::new(ack))));
    }

    /// Receipts arrive for these orders.
    pub(super) fn hear_receipts(&mut self, orders: &[&OrderView], kind: ReceiptKind) {
        let notices = orders.iter().map(|order| ReceiptNotice {
            print_id: print_id(order),
            order_id: order.id.clone(),
            order_number: order.number.clone(),
            kind,
            size_bytes: 40_000,
            created_at: order.created_at.plus_ms(120_000),
        });
        let notices = notices.collect();
        self.hear_page(|page| page.receipts = notices);
    }

    /// The receipt of an order is ready to print.
    pub(super) fn prepare(&mut self, order: &OrderView, parts: u32) {
        let result = Ok(PreparedReceipt { parts, height_dots: parts * 600 });
        self.event(Event::Receipt { print_id: print_id(order), result });
    }
}

pub(super) fn print_id(order: &OrderView) -> PrintId {
    PrintId::parse(&format!("pr_{}", order.number)).unwrap()
}

pub(super) fn settings() -> Settings {
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

pub(super) fn order(n: usize) -> OrderView {
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
