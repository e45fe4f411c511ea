//! Shop
