//! What becomes a Java exception: which class, and what it says.

use pos_connect::driver::{DispatchError, StartError};

/// Why a call did nothing. The text is for engineers; it begins with a stable word.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The bytes are not what the call takes.
    #[error("bad_bytes: {0}")]
    BadBytes(String),
    /// The configuration cannot be used.
    #[error("bad_config: {0}")]
    BadConfig(String),
    /// No such handle: never given, or closed.
    #[error("closed: handle {0} is not open")]
    Closed(i64),
    /// Another handle has this data directory.
    #[error("already_open: handle {0} has this data directory")]
    AlreadyOpen(i64),
    /// Another thread waits in `next`.
    #[error("two_readers: another thread waits for the next output of this handle")]
    TwoReaders,
    /// The agent does not keep up; nothing was taken.
    #[error("full: too many messages wait; try again")]
    Full,
    /// The agent cannot be started.
    #[error("not_started: {0}")]
    NotStarted(String),
    /// A defect of ours, or no memory in the JVM.
    #[error("internal: {0}")]
    Internal(String),
}

impl Fault {
    /// The Java class, as JNI spells it. Both are Android's own, so no keep rule is needed.
    pub(crate) const fn class(&self) -> &'static jni::strings::JNIStr {
        match self {
            Self::BadBytes(_) | Self::BadConfig(_) => jni::jni_str!("java/lang/IllegalArgumentException"),
            Self::Closed(_)
            | Self::AlreadyOpen(_)
            | Self::TwoReaders
            | Self::Full
            | Self::NotStarted(_)
            | Self::Internal(_) => jni::jni_str!("java/lang/IllegalStateException"),
        }
    }
}

impl From<jni::errors::Error> for Fault {
    fn from(error: jni::errors::Error) -> Self {
        // What Kotlin's types forbid, but Java and reflection can do.
        if let jni::errors::Error::NullPtr(what) = error {
            return Self::BadBytes(format!("null: {what}"));
        }
        Self::Internal(error.to_string())
    }
}

impl From<serde_json::Error> for Fault {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(error.to_string())
    }
}

impl From<StartError> for Fault {
    fn from(error: StartError) -> Self {
        Self::NotStarted(error.to_string())
    }
}

/// As a fault of `handle`.
pub(crate) fn of_dispatch(error: DispatchError, handle: i64) -> Fault {
    match error {
        DispatchError::Full => Fault::Full,
        // The loop ended by itself, or is being closed.
        DispatchError::Off => Fault::Closed(handle),
        DispatchError::NotFromOutside => Fault::Internal(error.to_string()),
    }
}
