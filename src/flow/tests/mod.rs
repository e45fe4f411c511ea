//! The machine driven by hand: a world of one agent, whose calls and deep links are answered by the test.
//!
//! After every step the world checks what must always hold: replaying the records gives the state lived through, and no
//! payment or reversal is opened before its record was written.

use std::sync::Arc;

use protocol::attempt::{AttemptAck, Evidence, Outcome};
use protocol::claim::{ClaimGrant, ClaimKind, ClaimReleased, ClaimView};
use protocol::feed::{Cursor, FeedPage, Settings};
use protocol::method::{ContractedMethod, Method};
use protocol::order::{AttemptView, OrderKind, OrderStatus, OrderView};
use protocol::refusal::{Refusal, RefusalCode};
use protocol::{AttemptId, Centavos, Fence, OrderId, PaymentChoice, Serial, UnixMillis};

use super::live::Page;
use super::{
    Agent, AgentConfig, CallFailure, CallId, DeviceToken, Durable, Effect, Event, HubCall, Input, Moment,
    Purpose, Record, Reply, Serials, Step, Tap, Unreachable,
};
use crate::acquirer::stone::{ReturnScheme, Stone};

mod browsing;
mod choosing;
mod delivery;
mod direct;
mod doubt;
mod feed;
mod forgetting;
mod leases;
mod listed;
mod machine;
mod network;
mod prints;
mod receipts;
mod restart;
mod retrying;
mod reversal;
mod serial;
mod stating;
mod telling;
mod waiting;

const SERIAL: &str = "PB0419AL60480";

pub(super) fn money(centavos: u64) -> Centavos {
    Centavos::new(centavos).unwrap()
}

pub(super) fn order_id(n: u64) -> OrderId {
    OrderId::parse(&format!("or_{n}")).unwrap()
}

pub(super) fn settings() -> Settings {
    let line = |method, merchant_installments_max| ContractedMethod {
        method,
        merchant_installments_max,
        issuer_installments_max: 1,
    };
    Settings {
        store_name: "Loja".into(),
        acquirer_cnpj: "16501555000157".into(),
        methods: vec![line(Method::Credit, 6), line(Method::Debit, 1), line(Method::Pix, 1)],
        delivery: true,
        counter: true,
        feed_wait_s: 25,
        answer_timeout_s: 180,
    }
}

pub(super) fn listed(n: u64, total: u64) -> OrderView {
    OrderView {
        id: order_id(n),
        number: n.to_string(),
        display_name: String::new(),
        kind: OrderKind::Listed,
        status: OrderStatus::Open,
        total: money(total),
        paid: Centavos::ZERO,
        reserved: Centavos::ZERO,
        fixed: None,
        claim: None,
        attempts: vec![],
        receipt_expected: false,
        created_at: UnixMillis(i64::try_from(n).unwrap()),
        expires_at: None,
        revision: 1,
    }
}

pub(super) fn direct(n: u64, total: u64, method: Method) -> OrderView {
    OrderView { kind: OrderKind::Direct, fixed: Some(PaymentChoice::at_once(method)), ..listed(n, total) }
}

/// An order of R$ 9,00 whose payment by debit is in the acquirer's app.
pub(super) fn charging() -> (World, AttemptId) {
    let mut world = World::new();
    world.hear(vec![listed(1, 900)]);
    world.take_order(1);
    world.tap(&Tap::Method(Method::Debit));
    world.acknowledge_start();
    let id = world.paying();
    (world, id)
}

/// One agent and what it asked for.
pub(super) struct World {
    pub(super) agent: Agent,
    shadow: Durable,
    pub(super) records: Vec<Record>,
    pub(super) now: Moment,
    pub(super) calls: Vec<(CallId, HubCall)>,
    pub(super) opened: Vec<(String, Purpose)>,
    pub(super) effects: Vec<Effect>,
    sequence: u64,
}

impl World {
    /// An activated agent that has heard nothing from its store yet.
    pub(super) fn new() -> Self {
        let mut world = Self::with(vec![Record::Activated {
            token: DeviceToken::new("t".into()),
            settings: settings(),
            serial: None,
        }]);
        world.event(Event::Booted);
        world
    }

    /// An agent whose journal holds these records, before it is booted.
    pub(super) fn with(records: Vec<Record>) -> Self {
        let config = AgentConfig {
            serials: Serials::provisioned(Serial::parse(SERIAL).unwrap()),
            version: "0".into(),
            service: "http://127.0.0.1".into(),
        };
        let stone = Stone::new(ReturnScheme::parse("posconnect").unwrap());
        let mut agent = Agent::new(config, Arc::new(stone), 7);
        let mut shadow = Durable::default();
        for record in &records {
            agent.replay(record);
            shadow.apply(record);
        }
        let now = Moment { wall: UnixMillis(1_000_000), mono_ms: 1_000 };
        Self { agent, shadow, records, now, calls: vec![], opened: vec![], effects: vec![], sequence: 0 }
    }

    /// The same terminal after a power cut: only the journal is left.
    pub(super) fn restarted(self) -> Self {
        let mut world = Self::with(self.records);
        world.now.wall = self.now.wall;
        world.event(Event::Booted);
        world
    }

    pub(super) fn event(&mut self, event: Event) {
        let step = self.agent.handle(event, self.now);
        self.take(step);
    }

    fn take(&mut self, step: Step) {
        for record in step.records {
            self.shadow.apply(&record);
            let json = serde_json::to_string(&record).unwrap();
            assert_eq!(
                serde_json::from_str::<Record>(&json).unwrap(),
                record,
                "a record survives the journal"
            );
            self.records.push(record);
        }
        assert_eq!(self.shadow, *self.agent.durable(), "replay gives the state lived through");
        for effect in step.effects {
            match &effect {
                Effect::Call { call, request, .. } => self.calls.push((*call, request.clone())),
                Effect::Drop(call) => self.calls.retain(|(open, _)| open != call),
                Effect::Open { uri, purpose } => self.open(uri, *purpose),
                Effect::Authenticate(_)
                | Effect::FetchReceipt(_)
                | Effect::Print { .. }
                | Effect::ForgetReceipt(_)
                | Effect::Alert(_)
                | Effect::KeepAwake(_) => {}
            }
            self.effects.push(effect);
        }
    }

    fn open(&mut self, uri: &str, purpose: Purpose) {
        let recorded = match purpose {
            Purpose::Pay => self.shadow.attempts.values().any(|a| {
                a.launched_at.is_some() && uri.contains(&format!("order_id={}", a.start.attempt.attempt_id))
            }),
            Purpose::Reverse => {
                let named =
                    self.shadow.reversals.values().filter(|r| uri.contains(&format!("atk={}", r.start.atk)));
                let before = self.opened.iter().filter(|(opened, _)| opened == uri).count();
                named.max_by_key(|r| r.counter).is_some_and(|r| {
                    r.ended.is_none() || usize::try_from(r.retries).is_ok_and(|retries| retries >= before)
                })
            }
            Purpose::Print | Purpose::Reprint => true,
        };
        assert!(recorded, "opened before it was recorded: {uri}");
        let same = self.opened.iter().filter(|(before, _)| before == uri).count();
        assert!(purpose != Purpose::Pay || same == 0, "the same payment opened twice: {uri}");
        self.opened.push((uri.to_owned(), purpose));
    }

    pub(super) fn tap(&mut self, tap: &Tap) {
        self.event(Event::Input(Input::Tap(tap.id())));
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

    pub(super) fn call(&self, wanted: impl Fn(&HubCall) -> bool) -> Option<&(CallId, HubCall)> {
        self.calls.iter().find(|(_, request)| wanted(request))
    }

    pub(super) fn answer(&mut self, wanted: impl Fn(&HubCall) -> bool, result: Result<Reply, CallFailure>) {
        let place = self.calls.iter().position(|(_, request)| wanted(request)).expect("the call was made");
        let (call, _) = self.calls.remove(place);
        self.event(Event::Answered { call, result });
    }

    pub(super) fn unreachable(&mut self, wanted: impl Fn(&HubCall) -> bool) {
        self.answer(wanted, Err(CallFailure::Unreachable(Unreachable::NoConnection)));
    }

    pub(super) fn refuse(&mut self, wanted: impl Fn(&HubCall) -> bool, code: RefusalCode) {
        self.answer(wanted, Err(CallFailure::Refused(Refusal::from(code))));
    }

    /// The feed brings these orders.
    pub(super) fn hear(&mut self, orders: Vec<OrderView>) {
        let page = self.page(orders);
        self.answer(is_feed, Ok(Reply::Feed(Box::new(page))));
    }

    pub(super) fn page(&mut self, orders: Vec<OrderView>) -> FeedPage {
        self.sequence += 1;
        FeedPage {
            cursor: Cursor { epoch: 1, sequence: self.sequence },
            server_time: self.now.wall,
            snapshot: self.sequence == 1,
            more: false,
            restored: false,
            orders,
            receipts: vec![],
            receipts_gone: vec![],
            reversals_wanted: vec![],
            settings: None,
        }
    }

    /// The service grants the claim that was asked for.
    pub(super) fn grant(&mut self) {
        let Some((_, HubCall::Claim(request))) = self.call(is_claim).cloned() else {
            panic!("no claim was asked for")
        };
        let mut order = self.agent.durable().orders[&request.order_id].clone();
        order.revision += 1;
        let fence = Fence(order.revision);
        let terminal = Serial::parse(SERIAL).unwrap();
        order.claim = Some(ClaimView { id: request.claim_id, terminal, kind: request.kind, fence });
        let lease_s = (request.kind == ClaimKind::Now).then_some(120);
        let grant = ClaimGrant { claim_id: request.claim_id, fence, lease_s, order };
        self.answer(is_claim, Ok(Reply::Claimed(Box::new(grant))));
    }

    /// The service acknowledges the start, as a service would that keeps the order's figures.
    pub(super) fn acknowledge_start(&mut self) {
        let Some((_, HubCall::Start(start))) = self.call(is_start).cloned() else {
            panic!("no start was told")
        };
        let order = self.booked(&start.order_id, start.attempt_id, start.amount, start.choice, None);
        let ack = AttemptAck { attempt_id: start.attempt_id, outcome: None, flags: vec![], order };
        self.answer(is_start, Ok(Reply::Attempt(Box::new(ack))));
    }

    /// The service takes down the outcome that the outbox is sending.
    pub(super) fn acknowledge_outcome(&mut self) {
        let Some((_, HubCall::Outcome(ended))) = self.call(is_outcome).cloned() else {
            panic!("no outcome was told")
        };
        let asked = &ended.attempt;
        let order =
            self.booked(&asked.order_id, asked.attempt_id, asked.amount, asked.choice, Some(ended.outcome));
        let ack =
            AttemptAck { attempt_id: asked.attempt_id, outcome: Some(ended.outcome), flags: vec![], order };
        self.answer(is_outcome, Ok(Reply::Attempt(Box::new(ack))));
    }

    fn booked(
        &self,
        id: &OrderId,
        attempt: AttemptId,
        amount: Centavos,
        choice: PaymentChoice,
        outcome: Option<Outcome>,
    ) -> Option<OrderView> {
        let mut order = self.agent.durable().orders.get(id)?.clone();
        order.revision += 1;
        order.attempts.retain(|known| known.id != attempt);
        let terminal = Serial::parse(SERIAL).unwrap();
        let reversed = Centavos::ZERO;
        order.attempts.push(AttemptView {
            id: attempt,
            terminal,
            amount,
            choice,
            outcome,
            resolved_by_store: false,
            reversed,
            settled_reversals: vec![],
        });
        let sum = |wanted: fn(Option<Outcome>) -> bool| -> Centavos {
            order.attempts.iter().filter(|known| wanted(known.outcome)).map(|known| known.amount).sum()
        };
        order.paid = sum(|outcome| outcome == Some(Outcome::Approved));
        order.reserved = sum(|outcome| matches!(outcome, None | Some(Outcome::InDoubt)));
        if order.balance().is_zero() {
            order.status = OrderStatus::Paid;
            order.claim = None;
        }
        Some(order)
    }

    /// Taps a listed order and gets it.
    pub(super) fn take_order(&mut self, n: u64) {
        self.tap(&Tap::Order(order_id(n)));
        self.grant();
    }

    pub(super) fn paying(&self) -> AttemptId {
        let Page::Paying { attempt_id } = self.agent.live().page else {
            panic!("not paying: {:?}", self.agent.live().page)
        };
        attempt_id
    }

    /// The acquirer's app approves what it was asked for.
    pub(super) fn approve(&mut self) {
        let id = self.paying();
        let uri = self.approval(id);
        self.event(Event::Returned(uri));
    }

    pub(super) fn approval(&self, id: AttemptId) -> String {
        let asked = &self.agent.durable().attempts[&id].start.attempt;
        let method = match asked.choice.method {
            Method::Credit => "Cr%C3%A9dito",
            Method::Debit => "D%C3%A9bito",
            Method::Voucher => "Voucher",
            Method::Pix => "Pix",
        };
        format!(
            "posconnect://pay-response?code=0&amount={}&type={method}&order_id={id}&atk=37820073187607\
             &authorization_code=187607&installment_count={}&brand=VISA&itk={SERIAL}-1",
            asked.amount.get(),
            asked.choice.installments.map_or(0, |i| i.count),
        )
    }

    pub(super) fn outcome(&self, id: AttemptId) -> Option<Outcome> {
        self.agent.durable().attempts[&id].outcome()
    }

    pub(super) fn evidence(&self, id: AttemptId) -> Evidence {
        self.agent.durable().attempts[&id].ended.as_ref().unwrap().evidence.clone()
    }

    pub(super) fn opened_payments(&self) -> usize {
        self.opened.iter().filter(|(_, purpose)| *purpose == Purpose::Pay).count()
    }
}

pub(super) fn is_feed(request: &HubCall) -> bool {
    matches!(request, HubCall::Feed { .. })
}

pub(super) fn is_claim(request: &HubCall) -> bool {
    matches!(request, HubCall::Claim(_))
}

pub(super) fn is_release(request: &HubCall) -> bool {
    matches!(request, HubCall::Release(_))
}

pub(super) fn is_start(request: &HubCall) -> bool {
    matches!(request, HubCall::Start(_))
}

pub(super) fn is_outcome(request: &HubCall) -> bool {
    matches!(request, HubCall::Outcome(_))
}

pub(super) fn released() -> Reply {
    Reply::Released(Box::new(ClaimReleased { order: None }))
}
