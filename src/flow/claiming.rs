//! The right to charge: for one order now, or for a tour of deliveries.

use std::collections::{BTreeSet, VecDeque};

use protocol::claim::{ClaimGrant, ClaimKind, ClaimRelease, ClaimRequest};
use protocol::order::{OrderKind, OrderStatus};
use protocol::{ClaimId, OrderId};

use super::idle::PATIENCE_MS;
use super::live::{Failed, Notice, Page, Take};
use super::{Agent, CallFailure, CallId, Effect, HubCall, Record, Reply, Unreachable};

/// Most orders that are taken out at once.
pub(crate) const TAKE_MAX: usize = 50;
/// A direct order that could not be claimed opens again after this many milliseconds.
const DIRECT_AGAIN_MS: u64 = 5_000;

impl Agent {
    /// A row of the list was tapped.
    pub(super) fn pick_order(&mut self, order_id: OrderId) {
        if !self.durable.orders.contains_key(&order_id) {
            return;
        }
        let free = self.can_be_taken(&order_id);
        if let Page::Taking { selected, query } = &mut self.live.page {
            query.clear();
            if !selected.remove(&order_id) && free && selected.len() < TAKE_MAX {
                selected.insert(order_id);
            }
        } else if let Page::List = self.live.page {
            self.open_order(order_id);
        }
    }

    fn open_order(&mut self, order_id: OrderId) {
        self.live.left.remove(&order_id);
        // The next order is another one: a search that stayed would hide it.
        self.live.list.query.clear();
        if self.durable.claims.contains_key(&order_id) {
            self.show(Page::Order { order_id, amount: None });
        } else if !self.live.connected {
            self.show(Page::Notice(Notice::Unreachable(Unreachable::NoConnection)));
        } else {
            self.claim_one(order_id, false);
        }
    }

    pub(super) fn claim_one(&mut self, order_id: OrderId, by_itself: bool) {
        if let Some(order) = self.durable.orders.get(&order_id) {
            self.live.shown_number.clone_from(&order.number);
        }
        let claim_id = ClaimId::from_random(self.random());
        let request = ClaimRequest { claim_id, order_id: order_id.clone(), kind: ClaimKind::Now };
        let call = self.call(HubCall::Claim(request), PATIENCE_MS);
        self.show(Page::Claiming { order_id, claim_id, call, by_itself });
    }

    pub(super) fn claim_answered(&mut self, result: Result<Reply, CallFailure>) {
        let Page::Claiming { order_id, claim_id, by_itself, .. } = self.live.page.clone() else {
            return;
        };
        match result {
            Ok(Reply::Claimed(grant)) => {
                self.claim_granted(grant, ClaimKind::Now);
                self.show(Page::Order { order_id: order_id.clone(), amount: None });
                if by_itself {
                    self.charge_fixed();
                }
            }
            Ok(_) => self.show(Page::List),
            Err(failure) => {
                if matches!(failure, CallFailure::Unreachable(_)) {
                    // The service may have granted it all the same.
                    self.record(Record::ClaimEnded { order_id: order_id.clone(), claim_id, tell: true });
                }
                if by_itself {
                    self.direct_not_claimed(order_id, &failure);
                }
                self.show(Page::Notice(notice_of(failure.clone())));
                self.log_error(Failed::Call("claims", failure));
            }
        }
    }

    /// A passing hindrance: the direct order opens again soon. A refusal: the list shows it, the operator may try.
    fn direct_not_claimed(&mut self, order_id: OrderId, failure: &CallFailure) {
        match failure {
            CallFailure::Unreachable(_) => self.live.direct_at_ms = self.now.mono_ms + DIRECT_AGAIN_MS,
            CallFailure::Refused(refusal) if refusal.code.is_passing() => {
                self.live.direct_at_ms = self.now.mono_ms + DIRECT_AGAIN_MS;
            }
            CallFailure::Refused(_) => {
                self.live.left.insert(order_id);
            }
        }
    }

    pub(super) fn abandon_claim(&mut self, order_id: OrderId, claim_id: ClaimId, call: CallId) {
        self.effect(Effect::Drop(call));
        self.live.left.insert(order_id.clone());
        self.record(Record::ClaimEnded { order_id, claim_id, tell: true });
        self.show(Page::List);
    }

    fn claim_granted(&mut self, grant: Box<ClaimGrant>, kind: ClaimKind) {
        self.live.shown_number.clone_from(&grant.order.number);
        self.live.renew_at_ms = grant.lease_s.map(|s| self.now.mono_ms + u64::from(s) * 500);
        self.record(Record::ClaimGranted { grant, kind, at: self.now.wall });
    }

    /// The order that the operator works on, or whose result is being read: its `now` claim stays.
    fn order_in_hand(&self) -> Option<&OrderId> {
        if let Page::Result { attempt_id } = &self.live.page {
            return self.durable.attempts.get(attempt_id).map(|attempt| &attempt.start.attempt.order_id);
        }
        self.live.page.order_id()
    }

    /// While the operator looks at an order, its lease is renewed at half-time.
    pub(super) fn renew_lease(&mut self) {
        if matches!(self.live.page, Page::Announcing { .. } | Page::Paying { .. }) {
            return; // An open attempt keeps the claim at the service.
        }
        let Some(order_id) = self.order_in_hand().cloned() else {
            self.live.renew_at_ms = None;
            return;
        };
        if self.live.renewing.is_some() || self.live.renew_at_ms.is_none_or(|at| at > self.now.mono_ms) {
            return;
        }
        self.live.renew_at_ms = None;
        if let Some(held) = self.durable.claims.get(&order_id).filter(|held| held.kind == ClaimKind::Now) {
            let request =
                ClaimRequest { claim_id: held.claim_id, order_id: order_id.clone(), kind: held.kind };
            let call = self.call(HubCall::Claim(request), PATIENCE_MS);
            self.live.renewing = Some((call, order_id));
        }
    }

    pub(super) fn lease_renewed(&mut self, result: Result<Reply, CallFailure>) {
        let Some((_, order_id)) = self.live.renewing.take() else {
            return;
        };
        let Some(held) = self.durable.claims.get(&order_id).cloned() else {
            return;
        };
        match result {
            Ok(Reply::Claimed(grant)) if grant.claim_id == held.claim_id => {
                self.claim_granted(grant, held.kind)
            }
            Ok(_) => {}
            Err(CallFailure::Unreachable(_)) => {
                self.live.renew_at_ms = Some(self.now.mono_ms + DIRECT_AGAIN_MS)
            }
            Err(CallFailure::Refused(refusal)) => {
                if !self.durable.has_unfinished(&order_id) {
                    self.record(Record::ClaimEnded {
                        order_id: order_id.clone(),
                        claim_id: held.claim_id,
                        tell: false,
                    });
                    if self.live.page.order_id() == Some(&order_id) {
                        self.show(Page::Notice(Notice::Refused(refusal)));
                    }
                }
            }
        }
    }

    /// Claims that serve nothing any more are given back: `now` claims out of the operator's hand, and any claim of an order that
    /// ended, is being closed, or that the service gave to somebody else. Never while an attempt is unfinished.
    pub(super) fn tidy_claims(&mut self) {
        let over: Vec<(OrderId, ClaimId, bool)> = self
            .durable
            .claims
            .iter()
            .filter(|(order_id, _)| !self.durable.has_unfinished(order_id))
            .filter_map(|(order_id, held)| {
                let looked_at = self.order_in_hand() == Some(order_id);
                let known = self.durable.orders.get(order_id);
                let (over, tell) = match known {
                    None => (!self.durable.snapshot_arriving, false),
                    Some(order) if order.status != OrderStatus::Open => (true, true),
                    Some(order) => {
                        // Whatever its fence: a service that was restored counts them again from what it remembers.
                        let lost = order.claim.as_ref().is_none_or(|claim| claim.id != held.claim_id);
                        (lost || (held.kind == ClaimKind::Now && !looked_at), !lost)
                    }
                };
                over.then(|| (order_id.clone(), held.claim_id, tell))
            })
            .collect();
        for (order_id, claim_id, tell) in over {
            self.record(Record::ClaimEnded { order_id, claim_id, tell });
        }
    }

    /// A claim in our name that nobody here knows of: asked for by an earlier life, or granted when it was waited for no
    /// longer. It keeps everybody from the order, so it is given back.
    pub(super) fn disown_claims(&mut self) {
        let Some(serial) = self.serial() else {
            return;
        };
        let unknown: Vec<(OrderId, ClaimId)> = self
            .durable
            .orders
            .values()
            .filter_map(|order| Some((&order.id, order.claim.as_ref()?)))
            .filter(|(order_id, claim)| {
                claim.terminal == serial
                    && self.durable.claims.get(*order_id).is_none_or(|held| held.claim_id != claim.id)
                    && !self.durable.releases.contains_key(&claim.id)
                    && !self.live.disowned.contains(&claim.id)
                    && !self.live.page.asks_for(claim.id)
                    && !self.durable.has_unfinished(order_id)
            })
            .map(|(order_id, claim)| (order_id.clone(), claim.id))
            .collect();
        for (order_id, claim_id) in unknown {
            self.live.disowned.insert(claim_id);
            self.record(Record::ClaimEnded { order_id, claim_id, tell: true });
        }
    }

    pub(super) fn give_back(&mut self) {
        let Page::Order { order_id, .. } = &self.live.page else {
            return;
        };
        let order_id = order_id.clone();
        if let Some(held) = self.durable.claims.get(&order_id).cloned()
            && !self.durable.has_unfinished(&order_id)
        {
            let number = self.live.shown_number.clone();
            self.live.left.insert(order_id.clone());
            self.record(Record::ClaimEnded { order_id, claim_id: held.claim_id, tell: true });
            self.show(Page::Notice(Notice::GivenBack(number)));
        }
    }

    pub(super) fn release_request(&self, claim_id: ClaimId) -> Option<ClaimRelease> {
        let order_id = self.durable.releases.get(&claim_id)?.clone();
        Some(ClaimRelease { claim_id, order_id })
    }

    pub(super) fn begin_taking(&mut self) {
        let allowed = self.durable.settings().is_some_and(|settings| settings.delivery);
        if allowed && matches!(self.live.page, Page::List) {
            self.show(Page::Taking { selected: BTreeSet::new(), query: String::new() });
        }
    }

    /// Whether an order can be taken out: listed, open, and in nobody's hands.
    #[must_use]
    pub fn can_be_taken(&self, order_id: &OrderId) -> bool {
        let ours = self.durable.claims.get(order_id).is_some_and(|held| held.kind == ClaimKind::Delivery);
        self.durable.orders.get(order_id).is_some_and(|order| {
            order.kind == OrderKind::Listed
                && order.status == OrderStatus::Open
                && order.claim.is_none()
                && !ours
        })
    }

    pub(super) fn select_all(&mut self) {
        let Page::Taking { query, .. } = &self.live.page else {
            return;
        };
        let free: Vec<OrderId> = self
            .listed(query, self.live.list.rows_max)
            .0
            .iter()
            .map(|order| order.id.clone())
            .filter(|id| self.can_be_taken(id))
            .take(TAKE_MAX)
            .collect();
        if let Page::Taking { selected, .. } = &mut self.live.page {
            selected.extend(free);
        }
    }

    pub(super) fn take_selected(&mut self) {
        let Page::Taking { selected, .. } = &self.live.page else {
            return;
        };
        let queue: VecDeque<OrderId> = selected.iter().cloned().collect();
        let of = u32::try_from(queue.len()).unwrap_or(u32::MAX);
        if of == 0 {
            return;
        }
        self.show(Page::TakingNow(Take { queue, now: None, taken: 0, refused: Vec::new(), of }));
        self.take_next();
    }

    fn take_next(&mut self) {
        let claim_id = ClaimId::from_random(self.random());
        let Page::TakingNow(take) = &mut self.live.page else {
            return;
        };
        let Some(order_id) = take.queue.pop_front() else {
            let done = take.clone();
            self.show(Page::Notice(Notice::Taken(done)));
            return;
        };
        let request = ClaimRequest { claim_id, order_id: order_id.clone(), kind: ClaimKind::Delivery };
        let call = self.call(HubCall::Claim(request), PATIENCE_MS);
        if let Page::TakingNow(take) = &mut self.live.page {
            take.now = Some((order_id, claim_id, call));
        }
    }

    pub(super) fn take_answered(&mut self, result: Result<Reply, CallFailure>) {
        let Page::TakingNow(take) = &mut self.live.page else {
            return;
        };
        let Some((order_id, claim_id, _)) = take.now.take() else {
            return;
        };
        match result {
            Ok(Reply::Claimed(grant)) => {
                take.taken += 1;
                self.claim_granted(grant, ClaimKind::Delivery);
            }
            Ok(_) => {}
            Err(failure) => {
                let number =
                    self.durable.orders.get(&order_id).map_or_else(String::new, |o| o.number.clone());
                let unreachable = matches!(failure, CallFailure::Unreachable(_));
                take.refused.push((number, failure.clone()));
                if unreachable {
                    // Without the service the rest cannot be taken either.
                    for order_id in core::mem::take(&mut take.queue) {
                        let number =
                            self.durable.orders.get(&order_id).map_or_else(String::new, |o| o.number.clone());
                        take.refused.push((number, failure.clone()));
                    }
                    self.record(Record::ClaimEnded { order_id, claim_id, tell: true });
                }
                self.log_error(Failed::Call("claims", failure));
            }
        }
        self.take_next();
    }
}

pub(super) fn notice_of(failure: CallFailure) -> Notice {
    match failure {
        CallFailure::Refused(refusal) => Notice::Refused(refusal),
        CallFailure::Unreachable(why) => Notice::Unreachable(why),
    }
}
