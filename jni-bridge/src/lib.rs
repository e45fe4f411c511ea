//! The terminal agent as a shared library for the Android app: five functions, bytes in and out, no logic.
//!
//! May import `pos-connect`, for everything, and `protocol`, for the types in its configuration. The only Kotlin class
//! that knows these functions is `br.com.posconnect.core.NativeCore`; Rust never calls into Java, but to throw.
//!
//! The map, in the order of imports (each may use those above it, never those below):
//!
//! - [`wire`]: the bytes, as JSON.
//! - [`fault`]: what becomes a Java exception.
//! - [`core`]: one running agent with its runtime.
//! - [`table`]: the open ones, by id.
//! - [`logging`]: where log lines go, and the last words before an abort.
//! - [`exports`]: the five functions. Start here.
//! - `testing`: functions that make the library fail, for tests of the app.

mod core;
mod exports;
mod fault;
mod logging;
mod table;
#[cfg(feature = "testing")]
mod testing;
mod wire;

pub use wire::{MESSAGE_BYTES_MAX, Understood, understood};
