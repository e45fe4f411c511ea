//! Placeholder until the tests land in the next commit.
