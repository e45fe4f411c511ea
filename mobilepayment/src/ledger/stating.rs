//! The operator at the terminal says what the card slip of an attempt in doubt says. It decides nothing.

use protocol::attempt::Evidence;
use protocol::statement::{AttemptStatement, Said};
use protocol::{Serial, UnixMillis};

use super::draft::{Decision, Draft};
use super::event::EventType;
use super::order::{Attempt, Order, Statement};

/// Decides about a statement; `None` when it fits no attempt of this order that this terminal made. The last one counts.
#[must_use]
pub fn state(
    order: &Order,
    terminal: &Serial,
    message: &AttemptStatement,
    now: UnixMillis,
) -> Option<Decision<()>> {
    let mut draft = Draft::begin(order, now);
    let place = draft
        .order
        .attempts
        .iter()
        .position(|attempt| attempt.id == message.attempt_id && attempt.terminal == *terminal)?;
    draft.attempt_mut(place).statement = Some(Statement {
        id: message.statement_id,
        said: message.said.clone(),
        stated_at: message.stated_at,
        received_at: now,
    });
    draft.tell_attempt(EventType::AttemptStated, message.attempt_id, terminal);
    Some(draft.decide(()))
}

/// What a statement says, for people.
#[must_use]
pub fn in_words(said: &Said) -> String {
    match said {
        Said::Charged { authorization_code, atk } => {
            format!("comprovante no terminal: autorização {authorization_code}, NSU {atk}")
        }
        Said::NotCharged => "comprovante no terminal: não aprovado".to_owned(),
    }
}

/// Once the store holds an attempt to be charged, the codes of its slip are its evidence where it has none: a reversal
/// and the conciliation need them.
pub(super) fn adopt_codes(attempt: &mut Attempt) {
    let codes = stated_codes(attempt);
    adopt(attempt, &codes);
}

/// Takes the keys of a transaction that an attempt lacks.
pub(super) fn adopt(attempt: &mut Attempt, keys: &Evidence) {
    let evidence = &mut attempt.evidence;
    for (mine, key) in [
        (&mut evidence.authorization_code, &keys.authorization_code),
        (&mut evidence.atk, &keys.atk),
        (&mut evidence.itk, &keys.itk),
    ] {
        if mine.is_none() {
            mine.clone_from(key);
        }
    }
}

/// Whether all that is known of an attempt was typed by a person: what the acquirer's app says then counts more.
pub(super) fn is_only_stated(attempt: &Attempt) -> bool {
    attempt.evidence == stated_codes(attempt)
}

fn stated_codes(attempt: &Attempt) -> Evidence {
    match attempt.statement.as_ref().map(|statement| &statement.said) {
        Some(Said::Charged { authorization_code, atk }) => Evidence {
            authorization_code: Some(authorization_code.clone()),
            atk: Some(atk.clone()),
            ..Evidence::default()
        },
        Some(Said::NotCharged) | None => Evidence::default(),
    }
}
