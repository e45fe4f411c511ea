//! The five functions that `br.com.posconnect.core.NativeCore` declares.
//!
//! # Contract of them all
//! - **Bytes** are UTF-8 JSON (see [`crate::wire`]). An array is copied on the way in and made new on the way out: nobody
//!   holds the other side's memory.
//! - **Handles** are ids, not pointers: one that is closed, or never was, is an exception.
//! - **Errors** are `IllegalArgumentException` (what was given cannot be used) or `IllegalStateException` (it cannot be
//!   done now); the message begins with a stable word. After an exception nothing has been done.
//! - **Threads**: every function may be called from any thread of the JVM, except that one thread at a time may be in
//!   [`next`](Java_br_com_posconnect_core_NativeCore_next) of a handle. Rust never calls into Java, and threads of its
//!   own are never attached to the JVM.
//! - **Defects**: a panic anywhere in the library is logged, marked in the data directory, and ends the process.

// The only room where the compiler's word is not enough: what the JVM finds by name, it calls.
#![expect(unsafe_code, reason = "exported names")]

use jni::objects::{JByteArray, JClass};
use jni::sys::jlong;
use jni::{Env, EnvUnowned};

use crate::fault::Fault;
use crate::logging;
use crate::table::TABLE;
use crate::wire::{self, MESSAGE_BYTES_MAX};

/// Starts an agent; gives its handle, never 0.
///
/// Returns as soon as the agent's thread runs; reading the journal goes on there, and the first output is a screen. What
/// hinders an agent for good (a damaged journal, no address) is a screen too. `IllegalArgumentException`: the
/// configuration cannot be read. `IllegalStateException`: `already_open`, or the system gives no thread, no memory or
/// no directory. The caller closes what it opened.
// SAFETY: the name is unique in the library, and the JVM passes what the Kotlin declaration says.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_br_com_posconnect_core_NativeCore_open<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    config: JByteArray<'local>,
) -> jlong {
    answer(&mut env, |env| {
        let bytes = bytes(env, &config)?;
        TABLE.open(wire::config(&bytes).map_err(Fault::BadConfig)?)
    })
}

/// Hands one message to the agent and does not wait for what it does with it.
///
/// `IllegalStateException` `full`: too many wait; nothing was taken, and a return of the acquirer's app has to be given
/// again.
// SAFETY: as for `open`.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_br_com_posconnect_core_NativeCore_dispatch<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    message: JByteArray<'local>,
) {
    answer(&mut env, |env| {
        let core = TABLE.get(handle)?;
        let bytes = bytes(env, &message)?;
        core.dispatch(wire::message(&bytes).map_err(Fault::BadBytes)?, handle)
    });
}

/// Waits for the next output, at most `timeout_ms` milliseconds (0 to 60,000; more is taken as 60,000). `null`: nothing
/// came.
///
/// One thread at a time per handle; a second one gets `two_readers`. Whoever waits while the handle is closed gets
/// `{"type":"ended"}`, as does everybody after the agent ended by itself.
// SAFETY: as for `open`.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_br_com_posconnect_core_NativeCore_next<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
    timeout_ms: jlong,
) -> JByteArray<'local> {
    answer(&mut env, |env| {
        let wait_ms =
            u64::try_from(timeout_ms).map_err(|_| Fault::BadBytes("timeout below zero".to_owned()))?;
        match TABLE.get(handle)?.next(wait_ms)? {
            Some(output) => Ok(env.byte_array_from_slice(&output)?),
            None => Ok(JByteArray::null()),
        }
    })
}

/// Ends an agent and waits until its data directory is free: as long as one write to the disk. Nothing is lost by it,
/// and nothing by not calling it. The second time it does nothing.
///
/// If the agent's thread hangs, so does this: a watchdog kills the process instead.
// SAFETY: as for `open`.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_br_com_posconnect_core_NativeCore_close<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
    handle: jlong,
) {
    answer(&mut env, |_| {
        TABLE.close(handle);
        Ok(())
    });
}

/// Version of the library, as UTF-8 text.
// SAFETY: as for `open`.
#[unsafe(no_mangle)]
pub(crate) extern "system" fn Java_br_com_posconnect_core_NativeCore_version<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
) -> JByteArray<'local> {
    answer(&mut env, |env| Ok(env.byte_array_from_slice(env!("CARGO_PKG_VERSION").as_bytes())?))
}

/// Does the work, and makes an exception of what goes wrong.
pub(crate) fn answer<'local, T: Default>(
    env: &mut EnvUnowned<'local>,
    work: impl FnOnce(&mut Env<'local>) -> Result<T, Fault>,
) -> T {
    logging::prepare();
    env.with_env(|env| -> jni::errors::Result<T> {
        work(env).or_else(|fault| {
            let said = jni::strings::JNIString::from(fault.to_string());
            // Leaves the exception pending; there is nothing more to tell.
            match env.throw_new(fault.class(), said) {
                Ok(()) | Err(jni::errors::Error::JavaException) => {}
                Err(error) => log::error!("{fault} could not be thrown: {error}"),
            }
            Ok(T::default())
        })
    })
    .resolve::<jni::errors::LogErrorAndDefault>()
}

fn bytes(env: &mut Env<'_>, array: &JByteArray<'_>) -> Result<Vec<u8>, Fault> {
    if array.is_null() {
        return Err(Fault::BadBytes("null".to_owned()));
    }
    let length = array.len(env)?;
    if length > MESSAGE_BYTES_MAX {
        return Err(Fault::BadBytes(format!("{length} bytes; at most {MESSAGE_BYTES_MAX} are taken")));
    }
    Ok(env.convert_byte_array(array)?)
}
