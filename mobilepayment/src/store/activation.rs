//! Binding a terminal to its store: one-use codes, device tokens, and a brake on guessing.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use protocol::UnixMillis;
use protocol::activation::{ActivateRequest, Activated};
use protocol::refusal::{Refusal, RefusalCode};
use serde_json::json;

use super::devices::sha256;
use super::unit::{Failure, Unit};
use crate::db::devices::{self, Device};
use crate::environment::Environment;
use crate::ledger::audit::{Act, What, terminal_did_it};

/// How long a code can be used, in ms: the technician types it right away.
pub const CODE_MS: i64 = 15 * 60 * 1_000;
/// Characters of a code: 50 bits of a 32-letter alphabet.
const CODE_CHARS: usize = 10;
/// Crockford's alphabet: no I, L, O, U.
pub(super) const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Length of the window in which tries are counted, in ms.
const WINDOW_MS: u64 = 60_000;
/// Tries per window that lead to nothing, for one terminal or licence.
const TRIES_FOR_ONE: u32 = 6;
/// Tries per window that lead to nothing, in all: a technician's slips, and far too few to guess 50 bits.
const TRIES_IN_ALL: u32 = 60;

/// A new code.
pub(super) fn new_code(environment: &Environment) -> String {
    let bytes: [u8; CODE_CHARS] = environment.bytes();
    bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte & 31)])).collect()
}

/// What is kept of a code. Case, dashes, spaces and letters that look like digits do not matter.
pub(super) fn code_hash(code: &str) -> [u8; 32] {
    sha256(plain(code).as_bytes())
}

/// A code or a key as it is meant, however it was typed.
pub(super) fn plain(typed: &str) -> String {
    typed
        .chars()
        .filter(|c| !matches!(c, '-' | ' '))
        .map(|c| match c.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}

impl Unit<'_> {
    /// Binds a terminal to its store: uses the code up and makes a device token.
    pub fn activate(&mut self, request: &ActivateRequest) -> Result<Activated, Failure<Refusal>> {
        let refuse = |code: RefusalCode| Err(Failure::Refused(Refusal::from(code)));
        let known = devices::find(self.db, &request.serial)?;
        if known.as_ref().is_some_and(|device| device.revoked) {
            return refuse(RefusalCode::Revoked);
        }
        let hash = code_hash(&request.code);
        let code = devices::find_code(self.db, &hash)?
            .filter(|code| code.serial == request.serial && code.expires_at > self.now);
        let Some(code) = code else {
            return refuse(RefusalCode::ActivationCode);
        };
        let Some(terminal) = self.registers.terminal_of(&code.account, &request.serial) else {
            return refuse(RefusalCode::SerialUnknown);
        };
        let live = known.is_some_and(|device| device.token_hash.is_some());
        if live && !code.replaces {
            return refuse(RefusalCode::SerialLive);
        }
        let token = token(self.environment);
        let device = Device {
            serial: request.serial.clone(),
            account: code.account,
            token_hash: Some(sha256(token.as_bytes())),
            activated_at: Some(self.now),
            revoked: false,
        };
        devices::delete_code(self.db, &hash)?;
        devices::save(self.db, &device)?;
        let act = Act {
            terminal: Some(request.serial.clone()),
            ..Act::new(What::TerminalActivated, terminal_did_it(&request.serial))
        };
        let standing = |active: bool| Some(json!({ "active": active }));
        self.audit(&device.account, act, None, standing(live), standing(true))?;
        self.outbox.devices.push(device);
        Ok(Activated { device_token: token, settings: self.registers.settings(terminal) })
    }
}

/// 256 random bits, as text.
fn token(environment: &Environment) -> String {
    let bytes: [u8; 32] = environment.bytes();
    let mut text = String::with_capacity(67);
    text.push_str("dt_");
    for byte in bytes {
        text.push_str(&format!("{byte:02x}"));
    }
    text
}

/// Counts tries, by what they try for (`K`). A right one is taken back: a box of new terminals is activated at once. What is
/// not registered shares one count, so the table cannot grow.
#[derive(Debug)]
pub(super) struct Brake<K> {
    windows: Mutex<HashMap<Option<K>, Window>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Window {
    began: UnixMillis,
    tries: u32,
}

impl<K> Default for Brake<K> {
    fn default() -> Self {
        Self { windows: Mutex::default() }
    }
}

impl<K: Clone + Eq + Hash> Brake<K> {
    /// Counts a try before its outcome is known, or many at once would slip through; whether it may go on. `own`: what it
    /// tries for, if that is registered.
    pub(super) fn allows(&self, own: Option<K>, now: UnixMillis) -> bool {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        let in_all = count(windows.entry(None).or_default(), now);
        let for_own = own.map_or(0, |own| count(windows.entry(Some(own)).or_default(), now));
        in_all <= TRIES_IN_ALL && for_own <= TRIES_FOR_ONE
    }

    /// Takes a try back: it was right.
    pub(super) fn was_right(&self, own: K) {
        let mut windows = self.windows.lock().unwrap_or_else(PoisonError::into_inner);
        for key in [None, Some(own)] {
            if let Some(window) = windows.get_mut(&key) {
                window.tries = window.tries.saturating_sub(1);
            }
        }
    }
}

fn count(window: &mut Window, now: UnixMillis) -> u32 {
    if now < window.began || now.since_ms(window.began) >= WINDOW_MS {
        *window = Window { began: now, tries: 0 };
    }
    window.tries = window.tries.saturating_add(1);
    window.tries
}

#[cfg(test)]
mod tests {
    use protocol::Serial;

    use super::*;

    #[test]
    fn a_code_typed_by_hand_is_the_same_code() {
        let hash = code_hash("01ABC-1DEF0");
        for typed in ["01abc1def0", "OIabc-ldefo", " 01ABC 1DEF0 "] {
            assert_eq!(code_hash(typed), hash, "{typed}");
        }
        assert_ne!(code_hash("01ABC-1DEF1"), hash);
    }

    #[test]
    fn guessing_is_slowed_down_and_forgiven_after_a_minute() {
        let brake = Brake::<Serial>::default();
        let now = UnixMillis(1_000_000);
        for _ in 0..TRIES_IN_ALL {
            assert!(brake.allows(None, now));
        }
        assert!(!brake.allows(None, now));
        assert!(brake.allows(None, now.plus_ms(60_000)));
    }

    #[test]
    fn a_box_of_terminals_with_right_codes_is_not_slowed_down() {
        let brake = Brake::<Serial>::default();
        for number in 0..TRIES_IN_ALL * 4 {
            let serial = Serial::parse(&format!("SN-{number}")).unwrap();
            assert!(brake.allows(Some(serial.clone()), UnixMillis(1_000_000)));
            brake.was_right(serial);
        }
    }
}
