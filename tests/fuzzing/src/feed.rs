//! What an agent makes of what the service and the acquirer's app say: an activated agent gets pages of the feed, one a
//! line, a return after a `returned ` or a tap after a `tap `, and draws a screen after each.

use std::sync::Arc;

use pos_connect::flow::{Agent, AgentConfig, Effect, Event, HubCall, Input, Moment, Record, Reply, Serials};
use pos_connect::view;
use protocol::{Serial, UnixMillis};

use crate::returns::stone;

/// Most lines taken of one input.
const LINES_MAX: usize = 24;
/// An activation, as a journal holds it.
const ACTIVATED: &str = r#"{"activated":{"token":"token","settings":{"store_name":"Loja","acquirer_cnpj":"16501555000157",
    "methods":[{"method":"credit","merchant_installments_max":6,"issuer_installments_max":1},
    {"method":"debit","merchant_installments_max":1,"issuer_installments_max":1}],
    "delivery":true,"counter":true,"feed_wait_s":25,"answer_timeout_s":180}}}"#;
/// When an agent begins, and what passes between two lines, in milliseconds.
const BEGIN: UnixMillis = UnixMillis(1_700_000_000_000);
const STEP_MS: u64 = 1_000;

/// Checks one story.
pub fn check(data: &[u8]) -> bool {
    let text = String::from_utf8_lossy(data);
    let activated: Record = serde_json::from_str(ACTIVATED).expect("an activation");
    let mut story = Story { agent: agent(), mono_ms: 0, calls: vec![], records: vec![activated] };
    story.agent.replay(&story.records[0]);
    story.happens(Event::Booted);
    let mut let_in = false;
    for line in text.lines().take(LINES_MAX) {
        if let Some(uri) = line.strip_prefix("returned ") {
            story.happens(Event::Returned(uri.to_owned()));
        } else if let Some(id) = line.strip_prefix("tap ") {
            story.happens(Event::Input(Input::Tap(id.to_owned())));
        } else if let Ok(page) = serde_json::from_str(line) {
            let feed = |(_, request): &(_, HubCall)| matches!(request, HubCall::Feed { .. });
            if let Some(at) = story.calls.iter().position(feed) {
                let (call, _) = story.calls.remove(at);
                let_in = true;
                story.happens(Event::Answered { call, result: Ok(Reply::Feed(page)) });
            }
        }
        if story.agent.next_deadline().is_some_and(|deadline| deadline <= story.mono_ms) {
            story.happens(Event::Deadline);
        }
    }
    story.is_remembered();
    let_in
}

struct Story {
    agent: Agent,
    mono_ms: u64,
    calls: Vec<(pos_connect::flow::CallId, HubCall)>,
    records: Vec<Record>,
}

impl Story {
    fn happens(&mut self, event: Event) {
        self.mono_ms += STEP_MS;
        let wall = BEGIN.plus_ms(i64::try_from(self.mono_ms).expect("a short story"));
        let now = Moment { wall, mono_ms: self.mono_ms };
        let step = self.agent.handle(event, now);
        self.records.extend(step.records);
        for effect in step.effects {
            if let Effect::Call { call, request, .. } = effect {
                self.calls.push((call, request));
            } else if let Effect::Drop(dropped) = effect {
                self.calls.retain(|(call, _)| *call != dropped);
            }
        }
        let _ = view::screen(&self.agent, now);
    }

    /// Whoever reads the records from a disk knows what the one who lived through it knows.
    fn is_remembered(&self) {
        let mut again = agent();
        for record in &self.records {
            let written = serde_json::to_vec(record).expect("a record is written");
            let read: Record = serde_json::from_slice(&written).expect("what was written is read");
            assert_eq!(*record, read);
            again.replay(&read);
        }
        assert_eq!(self.agent.durable(), again.durable(), "a restart remembers the same");
    }
}

fn agent() -> Agent {
    let serial = Serial::parse("PB0419AL60480").expect("a serial number");
    let config = AgentConfig {
        serials: Serials::provisioned(serial),
        version: "0.1.0".to_owned(),
        service: "https://loja.example".to_owned(),
    };
    Agent::new(config, Arc::new(stone()), 7)
}
