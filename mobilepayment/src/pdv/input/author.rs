//! Who asks, for the audit trail: two optional fields that any command may carry.

use super::fields::{Fields, Problems};
use crate::ledger::audit::Author;
use crate::ledger::resolving::TEXT_BYTES_MAX;

/// Longest name or reason, in characters: those of Portuguese take up to two bytes.
const CHARS_MAX: usize = TEXT_BYTES_MAX / 2;

/// `by` and `reason`.
pub fn author(fields: &Fields<'_>, problems: &mut Problems) -> Author {
    Author { by: fields.text("by", CHARS_MAX, problems), reason: fields.text("reason", CHARS_MAX, problems) }
}
