//! Stone's deep links.
