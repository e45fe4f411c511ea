//! A terminal's storage, whose power can be cut at any write and any sync.
//!
//! What was synced is kept apart from what was only written. At a power cut each write since the last sync reaches the
//! storage or not, or half of it does, as the dice say.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::StorageBackend;

use crate::dice::Dice;

#[derive(Clone, Debug)]
enum Write {
    Bytes(usize, Vec<u8>),
    Len(usize),
}

#[derive(Debug, Default)]
struct State {
    /// What reads see.
    live: Vec<u8>,
    synced: Vec<u8>,
    since_sync: Vec<Write>,
    /// Writes and syncs until the power goes; `None`: it stays.
    left: Option<u64>,
    off: bool,
}

/// Storage of one life of a terminal. A clone is the same storage.
#[derive(Clone, Debug, Default)]
pub struct Disk(Arc<Mutex<State>>);

impl Disk {
    fn holding(image: Vec<u8>) -> Self {
        Self(Arc::new(Mutex::new(State { live: image.clone(), synced: image, ..State::default() })))
    }

    /// The power goes after so many more writes and syncs.
    pub fn cut_after(&self, operations: u64) {
        self.lock().left = Some(operations);
    }

    /// Whether the power has gone.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.lock().off
    }

    /// The storage after the process was killed: the system still writes what it was given.
    #[must_use]
    pub fn after_process_death(&self) -> Self {
        let mut state = self.lock();
        state.off = true;
        Self::holding(state.live.clone())
    }

    /// The storage after a power cut.
    #[must_use]
    pub fn after_power_cut(&self, dice: &mut Dice) -> Self {
        let mut state = self.lock();
        state.off = true;
        let mut image = state.synced.clone();
        let all = dice.chance(300);
        for write in &state.since_sync {
            match (all, write) {
                (true, _) => apply(&mut image, write, usize::MAX),
                (false, Write::Len(_)) if dice.chance(500) => apply(&mut image, write, usize::MAX),
                (false, Write::Bytes(_, bytes)) => match dice.below(3) {
                    0 => apply(&mut image, write, usize::MAX),
                    1 => apply(&mut image, write, dice.place(bytes.len() + 1)),
                    _ => {}
                },
                (false, Write::Len(_)) => {}
            }
        }
        Self::holding(image)
    }

    /// Everything on it, for who looks for what must not be there.
    #[must_use]
    pub fn contains(&self, text: &str) -> bool {
        let state = self.lock();
        String::from_utf8_lossy(&state.live).contains(text)
    }

    fn operate(&self, act: impl FnOnce(&mut State)) -> io::Result<()> {
        let mut state = self.lock();
        match &mut state.left {
            Some(0) => state.off = true,
            Some(left) => *left -= 1,
            None => {}
        }
        if state.off {
            return Err(io::Error::other("the power is off"));
        }
        act(&mut state);
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn write(&mut self, write: Write) {
        apply(&mut self.live, &write, usize::MAX);
        self.since_sync.push(write);
    }
}

fn apply(image: &mut Vec<u8>, write: &Write, at_most: usize) {
    match write {
        Write::Len(len) => image.resize(*len, 0),
        Write::Bytes(at, bytes) => {
            let bytes = &bytes[..bytes.len().min(at_most)];
            if image.len() < at + bytes.len() {
                image.resize(at + bytes.len(), 0);
            }
            image[*at..at + bytes.len()].copy_from_slice(bytes);
        }
    }
}

fn index(n: u64) -> usize {
    usize::try_from(n).expect("a journal fits into memory")
}

impl StorageBackend for Disk {
    fn len(&self) -> io::Result<u64> {
        Ok(self.lock().live.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.lock();
        let range = index(offset)..index(offset) + out.len();
        out.copy_from_slice(state.live.get(range).ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.operate(|state| state.write(Write::Len(index(len))))
    }

    fn sync_data(&self) -> io::Result<()> {
        self.operate(|state| {
            for write in core::mem::take(&mut state.since_sync) {
                apply(&mut state.synced, &write, usize::MAX);
            }
        })
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.operate(|state| state.write(Write::Bytes(index(offset), data.to_vec())))
    }
}
