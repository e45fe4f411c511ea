//! For tests of the app only; a release is built without it, and the build checks that no such name is exported.
#![expect(unsafe_code, reason = "exported names")]

use jni::EnvUnowned;
use jni::objects::JClass;

/// Panics, as a defect would.
// SAFETY: the name is unique in the library, and the JVM passes what the Kotlin declaration says.
#[unsafe(no_mangle)]
#[expect(clippy::panic, reason = "that is what it is for")]
pub(crate) extern "system" fn Java_br_com_posconnect_core_TestingCore_panic<'local>(
    mut env: EnvUnowned<'local>,
    _class: JClass<'local>,
) {
    crate::exports::answer(&mut env, |_| -> Result<(), _> { panic!("asked for by a test") })
}
