//! Operator
