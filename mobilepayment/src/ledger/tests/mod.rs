//! The money rules as readable tables, and a random walk that tries to break them.
//!
//! [`Shop`] is one order with its terminals; every step goes through the ledger's own functions.

mod claims;
mod closing;
mod conciliating;
mod creating;
mod differing;
mod edges;
mod given_back;
mod outcomes;
mod resolving;
mod reversals;
mod settling;
mod views;
mod walk;

use protocol::attempt::{AttemptEnded, AttemptStarted, Evidence, Flag, Outcome};
use protocol::claim::{ClaimKind, ClaimRelease, ClaimRequest};
use protocol::method::ContractedMethod;
use protocol::order::{OrderKind, OrderStatus};
use protocol::refusal::RefusalCode;
use protocol::reversal::ReversalEnded;
use protocol::{
    AttemptId, Centavos, ClaimId, Fence, Method, OrderId, PaymentChoice, ReversalId, Serial, UnixMillis,
};

use super::claiming::{Grant, KnownClaim};
use super::command::{NewOrder, Resolve};
use super::draft::Decision;
use super::event::EventType;
use super::order::{CloseReason, Order};
use super::refusal::PdvRefusal;
use super::reporting::Verdict;
use super::{
    charging, claiming, closing as close_step, creating as create_step, draft, reporting,
    resolving as resolve_step, reversing,
};
use crate::registers::{AccountId, Company, KeyHash, Model, Registers, Terminal};

pub(super) const T0: UnixMillis = UnixMillis(1_700_000_000_000);

pub(super) fn money(centavos: u64) -> Centavos {
    Centavos::new(centavos).unwrap()
}

pub(super) fn serial(text: &str) -> Serial {
    Serial::parse(text).unwrap()
}

pub(super) fn account() -> AccountId {
    AccountId::parse("acc_loja").unwrap()
}

pub(super) fn debit() -> PaymentChoice {
    PaymentChoice::at_once(Method::Debit)
}

pub(super) fn contract() -> Vec<ContractedMethod> {
    [(Method::Credit, 6), (Method::Debit, 1)]
        .map(|(method, merchant_installments_max)| ContractedMethod {
            method,
            merchant_installments_max,
            issuer_installments_max: 1,
        })
        .to_vec()
}

pub(super) fn terminal(name: &str) -> Terminal {
    let model = match name.as_bytes()[0] {
        b'L' => Model::L3,
        b'A' => Model::A8,
        _ => Model::P2,
    };
    Terminal {
        serial: serial(name),
        account_id: account(),
        model,
        acquirer_cnpj: "16501555000157".into(),
        delivery: true,
        counter: model != Model::P2,
        description: String::new(),
    }
}

pub(super) fn registers() -> Registers {
    let company = Company {
        account_id: account(),
        store_name: "Loja".into(),
        secret_key: KeyHash::of("sk"),
        webhooks: vec![],
        methods: contract(),
        feed_wait_s: 25,
        answer_timeout_s: 180,
    };
    Registers::new(vec![company], ["L3-1", "A8-1", "P2-1"].map(terminal).to_vec()).unwrap()
}

pub(super) fn new_order(kind: OrderKind, total: u64) -> NewOrder {
    let direct = kind == OrderKind::Direct;
    NewOrder {
        account: account(),
        idempotency: None,
        code: None,
        display_name: String::new(),
        kind,
        total: money(total),
        fixed: direct.then(debit),
        terminals: if direct { vec![serial("L3-1")] } else { vec![] },
        receipt_expected: false,
        expires_at: None,
        pdv: String::new(),
    }
}

/// One order and everything that is said about it.
#[derive(Clone)]
pub(super) struct Shop {
    pub(super) order: Order,
    pub(super) now: UnixMillis,
    pub(super) told: Vec<EventType>,
    claims: Vec<(ClaimId, KnownClaim)>,
}

impl Shop {
    pub(super) fn open(new: &NewOrder) -> Self {
        let id = OrderId::parse("or_test01").unwrap();
        let decision = create_step::create(new, id, &registers(), T0).unwrap();
        let mut shop = Self { order: decision.order.clone(), now: T0, told: vec![], claims: vec![] };
        shop.take(decision);
        shop.told.clear();
        shop
    }

    pub(super) fn listed(total: u64) -> Self {
        Self::open(&new_order(OrderKind::Listed, total))
    }

    pub(super) fn direct(total: u64) -> Self {
        Self::open(&new_order(OrderKind::Direct, total))
    }

    fn take<T>(&mut self, decision: Decision<T>) -> T {
        self.order = decision.order;
        self.told.extend(decision.events.iter().map(|event| event.kind));
        decision.answer
    }

    pub(super) fn claim(&mut self, name: &str, id: u64, kind: ClaimKind) -> Result<Grant, RefusalCode> {
        let claim_id = ClaimId::from_random(id);
        let request = ClaimRequest { claim_id, order_id: self.order.id.clone(), kind };
        let known = self.claims.iter().find(|(known, _)| *known == claim_id).map(|(_, k)| k.clone());
        let decision = claiming::claim(&self.order, known.as_ref(), &terminal(name), &request, self.now)
            .map_err(|refusal| refusal.code)?;
        let grant = self.take(decision);
        if known.is_none() {
            let known = KnownClaim { order_id: self.order.id.clone(), terminal: serial(name) };
            self.claims.push((claim_id, known));
        }
        Ok(grant)
    }

    pub(super) fn release(&mut self, name: &str, id: u64) -> Result<(), RefusalCode> {
        let release = ClaimRelease { claim_id: ClaimId::from_random(id), order_id: self.order.id.clone() };
        let decision = claiming::release(&self.order, &serial(name), &release, self.now)
            .map_err(|refusal| refusal.code)?;
        self.take(decision);
        Ok(())
    }

    pub(super) fn withdraw(&mut self) -> Result<(), PdvRefusal> {
        let decision = claiming::withdraw(&self.order, "the terminal is lost", self.now)?;
        self.take(decision);
        Ok(())
    }

    pub(super) fn attempt(&self, id: u64, claim: u64, fence: u64, amount: u64) -> AttemptStarted {
        AttemptStarted {
            attempt_id: AttemptId::from_random(id),
            order_id: self.order.id.clone(),
            claim_id: ClaimId::from_random(claim),
            fence: Fence(fence),
            amount: money(amount),
            choice: debit(),
            started_at: T0,
        }
    }

    pub(super) fn start(&mut self, name: &str, started: &AttemptStarted) -> Result<(), RefusalCode> {
        let decision = charging::start(&self.order, None, &terminal(name), &contract(), started, self.now)
            .map_err(|refusal| refusal.code)?;
        self.take(decision);
        Ok(())
    }

    pub(super) fn report(&mut self, name: &str, message: &AttemptEnded) -> Verdict {
        let decision = reporting::report(&self.order, &terminal(name), &contract(), message, self.now);
        self.take(decision)
    }

    pub(super) fn close(&mut self, reason: CloseReason) -> Result<OrderStatus, PdvRefusal> {
        let decision = close_step::close(&self.order, reason, self.now)?;
        self.take(decision);
        Ok(self.order.status)
    }

    pub(super) fn resolve(&mut self, id: u64, approved: bool) -> Result<(), PdvRefusal> {
        let resolve = Resolve {
            account: account(),
            attempt_id: AttemptId::from_random(id),
            approved,
            evidence: "extrato".into(),
            reason: "conferido".into(),
            by: "gerente".into(),
        };
        let decision = resolve_step::resolve(&self.order, &resolve, self.now)?;
        self.take(decision);
        Ok(())
    }

    pub(super) fn want(&mut self, id: u64, amount: Option<u64>) -> Result<(), PdvRefusal> {
        let id = AttemptId::from_random(id);
        let decision = reversing::want(&self.order, id, amount.map(money), self.now)?;
        self.take(decision);
        Ok(())
    }

    pub(super) fn reverse(&mut self, id: u64, attempt: u64, amount: u64, outcome: Outcome) -> bool {
        let message = self.reversal(id, attempt, amount, outcome);
        self.say(&message)
    }

    pub(super) fn reversal(&self, id: u64, attempt: u64, amount: u64, outcome: Outcome) -> ReversalEnded {
        ReversalEnded {
            reversal_id: ReversalId::from_random(id),
            attempt_id: AttemptId::from_random(attempt),
            order_id: self.order.id.clone(),
            amount: money(amount),
            outcome,
            reason: None,
            response_code: None,
            started_at: T0,
            ended_at: T0,
        }
    }

    /// The terminal says what came of a reversal.
    pub(super) fn say(&mut self, message: &ReversalEnded) -> bool {
        match reversing::report(&self.order, &serial("L3-1"), message, self.now) {
            Some(decision) => {
                self.take(decision);
                true
            }
            None => false,
        }
    }

    pub(super) fn pass(&mut self, ms: i64) {
        self.now = self.now.plus_ms(ms);
        if let Some(decision) = draft::lapse(&self.order, self.now) {
            self.take(decision);
        }
    }

    /// Claims, starts and reports an approval.
    pub(super) fn pay(&mut self, id: u64, amount: u64) -> Verdict {
        let grant = self.claim("L3-1", id, ClaimKind::Now).unwrap();
        let started = self.attempt(id, id, grant.fence.0, amount);
        self.start("L3-1", &started).unwrap();
        self.report("L3-1", &approved(&started))
    }

    pub(super) fn count(&self, kind: EventType) -> usize {
        self.told.iter().filter(|told| **told == kind).count()
    }
}

pub(super) fn ended(started: &AttemptStarted, outcome: Outcome) -> AttemptEnded {
    let approved = outcome == Outcome::Approved;
    AttemptEnded {
        attempt: started.clone(),
        outcome,
        reason: None,
        evidence: Evidence {
            atk: approved.then(|| "31000001234567".into()),
            authorization_code: approved.then(|| "123456".into()),
            ..Evidence::default()
        },
        ended_at: T0,
    }
}

pub(super) fn approved(started: &AttemptStarted) -> AttemptEnded {
    ended(started, Outcome::Approved)
}

pub(super) fn sorted(mut flags: Vec<Flag>) -> Vec<Flag> {
    flags.sort();
    flags
}
