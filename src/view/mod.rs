//! What the operator sees, built from [`crate::flow::Agent`]. Every pt-BR text of the terminal lives here.

pub mod screen;

use crate::flow::{Agent, Moment};
pub use screen::Screen;

/// The screen for the agent's present state.
#[must_use]
pub fn screen(agent: &Agent, now: Moment) -> Screen {
    let _ = (agent, now);
    Screen {
        page: String::new(),
        title: String::new(),
        status: screen::Status {
            tone: screen::Tone::Neutral,
            text: String::new(),
        },
        widgets: vec![],
        actions: vec![],
    }
}
