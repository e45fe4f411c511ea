//! The terminal models in the field.

use serde::{Deserialize, Serialize};

/// A terminal model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Model {
    /// Positivo L3: Android 7.1, touch and a physical keypad.
    L3,
    /// Ingenico APOS A8: Android 5.1, touch.
    A8,
    /// Sunmi P2: Android 7.1, touch.
    P2,
}

impl Model {
    /// Every model.
    pub const ALL: [Self; 3] = [Self::L3, Self::A8, Self::P2];

    /// The model with this name, in capitals or not.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|model| model.name().eq_ignore_ascii_case(text))
    }

    /// Short name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::L3 => "L3",
            Self::A8 => "A8",
            Self::P2 => "P2",
        }
    }

    /// Name on the device.
    #[must_use]
    pub const fn full_name(self) -> &'static str {
        match self {
            Self::L3 => "Positivo L3",
            Self::A8 => "Ingenico APOS A8",
            Self::P2 => "Sunmi P2",
        }
    }

    /// Whether it has physical keys.
    #[must_use]
    pub const fn has_keypad(self) -> bool {
        match self {
            Self::L3 => true,
            Self::A8 | Self::P2 => false,
        }
    }

    /// Operating system, as people say it.
    #[must_use]
    pub const fn system(self) -> &'static str {
        match self {
            Self::L3 | Self::P2 => "Android 7.1",
            Self::A8 => "Android 5.1",
        }
    }

    /// Whether an intent that is too large fails with an error; before Android 7.0 it only vanishes.
    #[must_use]
    pub const fn says_when_an_intent_is_too_large(self) -> bool {
        match self {
            Self::L3 | Self::P2 => true,
            Self::A8 => false,
        }
    }
}
