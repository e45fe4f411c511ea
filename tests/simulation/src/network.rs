//! Between terminals and service: what is lost, late, twice, out of order, cut by a proxy.

use pos_connect::flow::{CallFailure, CallId, Event, HubCall, ReceiptFailure, Reply, Unreachable};
use protocol::PrintId;

use crate::model::Broken;
use crate::service::{Answer, LongPoll};
use crate::world::{Happening, Message, World};

/// Ceiling of a receipt's fetch, in milliseconds.
const FETCH_MS: u64 = 20_000;

/// A long-poll at the service.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    at: usize,
    life: u32,
    call: CallId,
    poll: LongPoll,
}

impl World {
    fn delay_ms(&mut self) -> u64 {
        if self.wrong(self.plan.slow) { self.dice.between(2_000, 40_000) } else { self.dice.between(20, 250) }
    }

    /// A terminal sends a request.
    pub(crate) fn send(&mut self, at: usize, call: CallId, request: HubCall, timeout_ms: u64) {
        let terminal = &mut self.terminals[at];
        terminal.calls.insert(call);
        let life = terminal.life;
        let token = terminal.token.as_ref().map(|token| token.reveal().to_owned());
        if !terminal.connected {
            self.fails(at, life, call, Unreachable::NoConnection, 5);
            return;
        }
        self.fails(at, life, call, Unreachable::Timeout, timeout_ms);
        let message = Message { from: at, life, call, token, request: over_the_wire(&request) };
        let copies = if self.wrong(self.plan.twice) { 2 } else { 1 };
        for _ in 0..copies {
            if self.wrong(self.plan.lose) {
                self.story.count("network: request lost");
                continue;
            }
            let ms = self.delay_ms();
            self.after(ms, Happening::Request(Box::new(message.clone())));
        }
    }

    fn fails(&mut self, at: usize, life: u32, call: CallId, why: Unreachable, ms: u64) {
        let result = Box::new(Err(CallFailure::Unreachable(why)));
        self.after(ms, Happening::Answer { at, life, call, result });
    }

    pub(crate) fn request_arrives(&mut self, message: Message) -> Result<(), Broken> {
        let Message { from: at, life, call, token, request } = message;
        let kind = name(&request);
        let answer = self.commit(|service| service.serve(token.as_deref(), &request))?;
        if kind != "feed" {
            self.story.count(&format!("told: {kind}"));
            self.tell(format!("{at}: {kind} at the service: {}", brief(answer.as_ref())));
        }
        match answer {
            // Its connection is reset.
            None => self.fails(at, life, call, Unreachable::NoConnection, 20),
            Some(Answer::Now(result)) => self.answer(at, life, call, result.map_err(CallFailure::Refused)),
            Some(Answer::Wait(poll)) => {
                let HubCall::Feed { wait_s, .. } = request else { return Ok(()) };
                let number = u64::from(life) << 40 | call.0 << 8 | at as u64;
                self.waiting.insert(number, Waiting { at, life, call, poll });
                self.after(u64::from(wait_s) * 1_000, Happening::PollEnds(number));
                if self.wrong(self.plan.cut_polls) {
                    self.story.count("network: long-poll cut");
                    let ms = self.dice.between(100, u64::from(wait_s) * 1_000);
                    self.fails(at, life, call, Unreachable::NotOurs, ms);
                }
            }
        }
        Ok(())
    }

    fn answer(&mut self, at: usize, life: u32, call: CallId, result: Result<Reply, CallFailure>) {
        if let Err(CallFailure::Refused(refusal)) = &result {
            self.story.count(&format!("refused: {:?}", refusal.code));
        }
        if self.wrong(self.plan.lose) {
            self.story.count("network: answer lost");
            return;
        }
        let text = serde_json::to_vec(&result).expect("answers have a JSON form");
        let result = Box::new(serde_json::from_slice(&text).expect("answers are read as they are written"));
        let ms = self.delay_ms();
        self.after(ms, Happening::Answer { at, life, call, result });
    }

    pub(crate) fn answer_arrives(
        &mut self,
        at: usize,
        life: u32,
        call: CallId,
        result: Result<Reply, CallFailure>,
    ) -> Result<(), Broken> {
        let terminal = &mut self.terminals[at];
        if terminal.life != life || !terminal.calls.remove(&call) {
            return Ok(());
        }
        let result = if terminal.connected {
            result
        } else {
            Err(CallFailure::Unreachable(Unreachable::NoConnection))
        };
        self.give(at, Event::Answered { call, result })
    }

    /// Answers the long-polls for which there is news.
    pub(crate) fn wake_polls(&mut self) {
        let news: Vec<_> = self
            .waiting
            .iter()
            .filter_map(|(number, waiting)| Some((*number, self.service.look(&waiting.poll, false)?)))
            .collect();
        for (number, result) in news {
            if let Some(waiting) = self.waiting.remove(&number) {
                self.answer(waiting.at, waiting.life, waiting.call, result.map_err(CallFailure::Refused));
            }
        }
    }

    pub(crate) fn poll_ends(&mut self, number: u64) {
        let Some(waiting) = self.waiting.remove(&number) else { return };
        if let Some(result) = self.service.look(&waiting.poll, true) {
            self.answer(waiting.at, waiting.life, waiting.call, result.map_err(CallFailure::Refused));
        }
    }

    /// The service is gone: whoever waited for it hears so.
    pub(crate) fn reset_polls(&mut self) {
        for waiting in core::mem::take(&mut self.waiting).into_values() {
            self.fails(waiting.at, waiting.life, waiting.call, Unreachable::NoConnection, 30);
        }
    }

    pub(crate) fn fetch(&mut self, at: usize, print_id: PrintId) {
        let life = self.terminals[at].life;
        self.terminals[at].fetches.insert(print_id.clone());
        let lost = !self.terminals[at].connected || self.wrong(self.plan.lose);
        let content = if lost { None } else { self.service.receipt(&print_id) };
        let ms = if lost { FETCH_MS } else { self.delay_ms() };
        self.after(ms, Happening::Receipt { at, life, print_id, content });
    }

    pub(crate) fn receipt_arrives(
        &mut self,
        at: usize,
        life: u32,
        print_id: PrintId,
        content: Option<String>,
    ) -> Result<(), Broken> {
        let terminal = &mut self.terminals[at];
        if terminal.life != life || !terminal.fetches.remove(&print_id) {
            return Ok(());
        }
        let result = match content {
            Some(content) => terminal.prepare(&print_id, &content),
            None => Err(ReceiptFailure::Fetch(CallFailure::Unreachable(Unreachable::Timeout))),
        };
        self.give(at, Event::Receipt { print_id, result })
    }

    pub(crate) fn network(&mut self, at: usize, connected: bool) -> Result<(), Broken> {
        if self.calm && !connected {
            return Ok(());
        }
        self.terminals[at].connected = connected;
        self.tell(format!("{at}: the network {}", if connected { "comes" } else { "goes" }));
        if !connected {
            self.story.count("terminal: without network");
        }
        if self.terminals[at].engine.is_some() {
            self.give(at, Event::Network { connected })?;
        }
        Ok(())
    }
}

/// The request as the other side reads it.
fn over_the_wire(request: &HubCall) -> HubCall {
    fn read<T: serde::Serialize + serde::de::DeserializeOwned>(body: &T) -> T {
        let text = serde_json::to_vec(body).expect("requests have a JSON form");
        serde_json::from_slice(&text).expect("requests are read as they are written")
    }
    match request {
        HubCall::Activate(body) => HubCall::Activate(read(body)),
        HubCall::Feed { since, wait_s } => HubCall::Feed { since: read(since), wait_s: *wait_s },
        HubCall::Claim(body) => HubCall::Claim(read(body)),
        HubCall::Release(body) => HubCall::Release(read(body)),
        HubCall::Start(body) => HubCall::Start(read(body)),
        HubCall::Outcome(body) => HubCall::Outcome(read(body)),
        HubCall::Statement(body) => HubCall::Statement(read(body)),
        HubCall::Reversal(body) => HubCall::Reversal(read(body)),
        HubCall::ReceiptResult(body) => HubCall::ReceiptResult(read(body)),
    }
}

const fn name(request: &HubCall) -> &'static str {
    match request {
        HubCall::Activate(_) => "activate",
        HubCall::Feed { .. } => "feed",
        HubCall::Claim(_) => "claim",
        HubCall::Release(_) => "release",
        HubCall::Start(_) => "start",
        HubCall::Outcome(_) => "outcome",
        HubCall::Statement(_) => "statement",
        HubCall::Reversal(_) => "reversal",
        HubCall::ReceiptResult(_) => "receipt",
    }
}

fn brief(answer: Option<&Answer>) -> String {
    match answer {
        None => "nobody answers".to_owned(),
        Some(Answer::Wait(_)) => "waits".to_owned(),
        Some(Answer::Now(Err(refusal))) => format!("{:?}", refusal.code),
        Some(Answer::Now(Ok(Reply::Attempt(ack)))) => format!("holds {:?} {:?}", ack.outcome, ack.flags),
        Some(Answer::Now(Ok(_))) => "yes".to_owned(),
    }
}
