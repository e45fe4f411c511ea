//! Two terminals, one order, everything that can go wrong between them: a model whose every reachable state is looked at.
//!
//! The order is charged whole. Messages are never taken out of the network, so each may arrive at any later time, any
//! number of times, or never. What a terminal has synced survives its crash; what it only waits for does not.

use std::collections::BTreeSet;

use stateright::{Model, Property};

use crate::world::{End, Id, Message, Status, Terminal, Truth, Try, World};

/// How many terminals.
pub const TERMINALS: usize = 2;

/// A rule that the model leaves out, to see that the checker finds what comes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LeftOut {
    /// None: the protocol as it is.
    Nothing,
    /// A lease runs out although its terminal has an attempt that has not ended.
    LeaseWaitsForAttempts,
    /// A start must come under the claim that is held.
    StartNeedsTheClaim,
    /// The link leaves only after the service has heard of the attempt.
    LaunchNeedsTheAnswer,
    /// An attempt is synced before its link leaves.
    SyncBeforeLaunch,
    /// An unclear attempt blocks another one.
    DoubtBlocks,
    /// A close waits for what is in flight.
    CloseWaits,
    /// A courier's claim is not replaced by another request of the same terminal.
    CouriersClaimStays,
}

/// The protocol, and how far terminals go.
#[derive(Clone, Debug)]
pub struct Claims {
    /// What is left out.
    pub left_out: LeftOut,
    /// Most claims that the terminals make in all.
    pub claims: usize,
    /// Most attempts that they make in all.
    pub attempts: usize,
    /// The second terminal takes the order out for delivery: no lease, and it launches without asking.
    pub courier: bool,
}

/// What may happen next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// A terminal asks for the order.
    Ask(u8),
    /// It waits for that no longer.
    GiveUpClaim(u8),
    /// It gives the order back.
    GiveBack(u8),
    /// It makes an attempt.
    Attempt(u8),
    /// It waits for the service's word no longer.
    GiveUpStart(u8),
    /// The acquirer's app decides, and says so or not.
    App(Id, bool, bool),
    /// The terminal waits for the app no longer.
    Doubt(u8),
    /// The terminal crashes and starts again; the app dies with it.
    Crash(u8),
    /// A message arrives.
    Arrive(Message),
    /// The lease runs out.
    Lapse,
    /// The PDV closes the order.
    Close,
    /// A manager looks into the acquirer's portal.
    Decide(Id),
}

impl Model for Claims {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        vec![World {
            terminals: vec![Terminal::default(); TERMINALS],
            sent: BTreeSet::new(),
            claim: None,
            fence: 0,
            known: BTreeSet::new(),
            ledger: vec![],
            status: Status::Open,
            acquirer: vec![],
        }]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        for (place, terminal) in (0_u8..).zip(&world.terminals) {
            let waits = terminal.asking.is_some() || terminal.announcing.is_some();
            let claims: usize = world.terminals.iter().map(|terminal| usize::from(terminal.claims)).sum();
            if !waits && terminal.held.is_none() && claims < self.claims {
                steps.push(Step::Ask(place));
            }
            if terminal.asking.is_some() {
                steps.push(Step::GiveUpClaim(place));
            }
            if terminal.held.is_some()
                && !waits
                && terminal.tries.iter().all(|t| t.end.is_some() && t.reported)
            {
                steps.push(Step::GiveBack(place));
            }
            let attempts: usize = world.terminals.iter().map(|terminal| terminal.tries.len()).sum();
            if attempts < self.attempts && may_attempt(terminal, self.left_out) {
                steps.push(Step::Attempt(place));
            }
            if terminal.announcing.is_some() {
                steps.push(Step::GiveUpStart(place));
            }
            if terminal.tries.iter().any(|t| t.launched && t.end.is_none()) {
                steps.push(Step::Doubt(place));
            }
            if *terminal != Terminal::default() {
                steps.push(Step::Crash(place));
            }
        }
        for (id, truth) in &world.acquirer {
            if *truth == Truth::Open {
                steps.extend(
                    [(true, true), (true, false), (false, true), (false, false)]
                        .map(|(charges, says)| Step::App(*id, charges, says)),
                );
            }
        }
        steps.extend(world.sent.iter().map(|message| Step::Arrive(*message)));
        if world.claim.is_some() {
            steps.push(Step::Lapse);
        }
        if world.status == Status::Open {
            steps.push(Step::Close);
        }
        for (id, end, _) in &world.ledger {
            if *end == Some(End::InDoubt) && world.truth(*id).is_none_or(|truth| truth != Truth::Open) {
                steps.push(Step::Decide(*id));
            }
        }
    }

    fn next_state(&self, before: &World, step: Step) -> Option<World> {
        let mut world = before.clone();
        match step {
            Step::Ask(t) => {
                let terminal = world.terminal(t);
                let id = (t, terminal.claims);
                terminal.claims += 1;
                terminal.asking = Some(id);
                world.sent.insert(Message::Claim(id));
            }
            Step::GiveUpClaim(t) => {
                if let Some(id) = world.terminal(t).asking.take() {
                    world.sent.insert(Message::Release(id));
                }
            }
            Step::GiveBack(t) => {
                if let Some((id, _)) = world.terminal(t).held.take() {
                    world.sent.insert(Message::Release(id));
                }
            }
            Step::Attempt(t) => self.attempt(&mut world, t),
            Step::GiveUpStart(t) => {
                if let Some(id) = world.terminal(t).announcing.take() {
                    world.end(id, End::Cancelled);
                }
            }
            Step::App(id, charges, says) => world.app(id, charges, says),
            Step::Doubt(t) => {
                let open =
                    world.terminal(t).tries.iter().find(|t| t.launched && t.end.is_none()).map(|t| t.id);
                world.end(open?, End::InDoubt);
            }
            Step::Crash(t) => self.crash(&mut world, t),
            Step::Arrive(message) => self.arrive(&mut world, message),
            Step::Lapse => self.lapse(&mut world),
            Step::Close => self.close(&mut world),
            Step::Decide(id) => world.decide(id),
        }
        (world != *before).then_some(world)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        vec![
            Property::always("the order is charged at most once", |_, world: &World| {
                world.acquirer.iter().filter(|(_, truth)| *truth == Truth::Charged).count() <= 1
            }),
            Property::always("one terminal charges at a time", |_, world: &World| {
                world.acquirer.iter().filter(|(_, truth)| *truth == Truth::Open).count() <= 1
            }),
            Property::always("the ledger never guesses", |_, world: &World| {
                world.ledger.iter().all(|(id, end, _)| match end {
                    Some(End::Approved) => world.truth(*id) == Some(Truth::Charged),
                    Some(End::Declined | End::Cancelled) => {
                        world.truth(*id).is_none_or(|truth| truth == Truth::NotCharged)
                    }
                    Some(End::InDoubt) | None => true,
                })
            }),
            Property::always("nobody forgets what it launched", |_, world: &World| {
                world.acquirer.iter().all(|(id, _)| {
                    world.terminals[usize::from(id.0)].tries.iter().any(|t| t.id == *id && t.launched)
                })
            }),
            Property::always("a close waits for what is in flight", |_, world: &World| {
                world.status != Status::Closed
                    || world
                        .ledger
                        .iter()
                        .all(|(_, end, late)| *late || end.is_some_and(|end| end != End::InDoubt))
            }),
            Property::sometimes("paid", |_, world: &World| world.status == Status::Paid),
            Property::sometimes("paid by the second after the first was declined", |_, world: &World| {
                let says = |terminal, wanted| {
                    world.ledger.iter().any(|(id, end, _)| id.0 == terminal && *end == Some(wanted))
                };
                says(0, End::Declined) && says(1, End::Approved)
            }),
            Property::sometimes("paid although the PDV had asked to close it", |_, world: &World| {
                world.status == Status::Paid
                    && world.sent.iter().any(|m| matches!(m, Message::Outcome(.., End::InDoubt)))
            }),
            Property::sometimes("in doubt", |_, world: &World| {
                world.ledger.iter().any(|(_, end, _)| *end == Some(End::InDoubt))
            }),
            Property::sometimes("closed unpaid", |_, world: &World| world.status == Status::Closed),
        ]
    }
}

impl Claims {
    const fn takes_out(&self, terminal: u8) -> bool {
        self.courier && terminal == 1
    }

    /// The attempt is synced, the service is told; a courier does not wait for its word.
    fn attempt(&self, world: &mut World, t: u8) {
        let at_once = self.takes_out(t) || self.left_out == LeftOut::LaunchNeedsTheAnswer;
        let terminal = world.terminal(t);
        let Some((claim, fence)) = terminal.held else { return };
        let id = (t, u8::try_from(terminal.tries.len()).unwrap_or(u8::MAX));
        let attempt = Try { id, claim, fence, launched: false, end: None, reported: false, decided: None };
        terminal.tries.push(attempt);
        world.sent.insert(Message::Start(id, claim, fence));
        if at_once {
            world.launch(id);
        } else {
            world.terminal(t).announcing = Some(id);
        }
    }

    fn crash(&self, world: &mut World, t: u8) {
        let terminal = world.terminal(t);
        terminal.announcing = None;
        if let Some(id) = terminal.asking.take() {
            // Asked for by an earlier life: the lease ends it, or the feed shows it and it is given back.
            world.sent.insert(Message::Release(id));
        }
        let open: Vec<Try> = world.terminal(t).tries.iter().filter(|t| t.end.is_none()).copied().collect();
        for attempt in open {
            if !attempt.launched {
                world.end(attempt.id, End::Cancelled);
            } else if self.left_out == LeftOut::SyncBeforeLaunch {
                world.terminal(t).tries.retain(|t| t.id != attempt.id);
            }
        }
        for (id, truth) in &mut world.acquirer {
            if id.0 == t && *truth == Truth::Open {
                *truth = Truth::NotCharged;
            }
        }
    }

    fn arrive(&self, world: &mut World, message: Message) {
        match message {
            Message::Claim(id) => {
                let stays = self.takes_out(id.0) && self.left_out != LeftOut::CouriersClaimStays;
                world.claim(id, stays);
            }
            Message::Granted(id, fence) => {
                let terminal = world.terminal(id.0);
                if terminal.asking == Some(id) {
                    terminal.asking = None;
                    terminal.held = Some((id, fence));
                }
            }
            Message::Release(id) => world.release(id),
            Message::Start(id, claim, fence) => self.start(world, id, claim, fence),
            Message::Started(id) => {
                if world.terminal(id.0).announcing == Some(id) {
                    world.terminal(id.0).announcing = None;
                    world.launch(id);
                }
            }
            Message::Outcome(id, claim, fence, end) => world.outcome(id, claim, fence, end),
            Message::TakenDown(id, end) => {
                if let Some(attempt) = world.attempt(id)
                    && attempt.end == Some(end)
                {
                    attempt.reported = true;
                }
            }
            Message::Decided(id, charged) => {
                if let Some(attempt) = world.attempt(id)
                    && attempt.end == Some(End::InDoubt)
                {
                    attempt.decided = Some(charged);
                }
            }
        }
    }

    fn start(&self, world: &mut World, id: Id, claim: Id, fence: u8) {
        let known = world.ledger.iter().any(|(known, ..)| *known == id);
        let held = world.claim == Some((claim, fence)) || self.left_out == LeftOut::StartNeedsTheClaim;
        let free = world.ledger.iter().all(|(_, end, _)| matches!(end, Some(End::Declined | End::Cancelled)));
        if !known {
            if !(held
                && world.status == Status::Open
                && (free || self.left_out == LeftOut::StartNeedsTheClaim))
            {
                return;
            }
            world.ledger.push((id, None, false));
        }
        world.sent.insert(Message::Started(id));
    }

    fn lapse(&self, world: &mut World) {
        let Some(((t, _), _)) = world.claim else { return };
        let waits = self.left_out != LeftOut::LeaseWaitsForAttempts && world.is_unsettled(Some(t));
        if !self.takes_out(t) && !waits {
            world.claim = None;
            world.conclude();
        }
    }

    fn close(&self, world: &mut World) {
        let courier_is_out = world.claim.is_some_and(|((t, _), _)| self.takes_out(t));
        let waits = world.is_unsettled(None) || courier_is_out;
        if waits && self.left_out != LeftOut::CloseWaits {
            world.status = Status::Closing;
        } else {
            world.status = Status::Closed;
            world.claim = None;
        }
    }
}

/// Whether a terminal may make an attempt, by what it knows itself.
fn may_attempt(terminal: &Terminal, left_out: LeftOut) -> bool {
    let free = |t: &Try| match t.believed() {
        Some(End::Declined | End::Cancelled) => true,
        Some(End::InDoubt) => left_out == LeftOut::DoubtBlocks,
        Some(End::Approved) | None => false,
    };
    terminal.held.is_some() && terminal.announcing.is_none() && terminal.tries.iter().all(free)
}
