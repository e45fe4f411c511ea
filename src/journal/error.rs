//! Why the journal cannot be used.

use std::io;

/// Why the journal cannot be used. Every one of them stops payments: what is not written down is not launched.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Somebody else has the data directory open.
    #[error("the data directory is in use")]
    InUse,
    /// Written by a newer version of this program.
    #[error("journal version {found} is newer than this program")]
    NewerVersion {
        /// The version found.
        found: u64,
    },
    /// The contents cannot be trusted. They stay as they are, for support.
    #[error("journal damaged: {what}")]
    Damaged {
        /// What was found, without any content.
        what: String,
    },
    /// No room.
    #[error("storage is full")]
    StorageFull,
    /// The storage cannot be written.
    #[error("storage is read-only")]
    ReadOnly,
    /// A write failed before: the journal must be opened again.
    #[error("an earlier write failed")]
    Failed,
    /// A record above the ceiling: a defect of ours.
    #[error("an entry of {bytes} bytes is above the ceiling")]
    EntryTooLarge {
        /// Its size.
        bytes: usize,
    },
    /// A record that has no JSON form: a defect of ours.
    #[error("an entry cannot be encoded")]
    Encode(#[source] serde_json::Error),
    /// Anything else that the storage said.
    #[error("storage failed")]
    Storage(#[source] Box<dyn core::error::Error + Send + Sync>),
}

impl JournalError {
    pub(super) const fn damaged(what: String) -> Self {
        Self::Damaged { what }
    }

    /// pt-BR, for the blocked screen: what happened, and what the operator does now.
    #[must_use]
    pub const fn sentence(&self) -> &'static str {
        match self {
            Self::InUse => "O aplicativo já está aberto neste terminal. Feche-o por completo e abra de novo.",
            Self::NewerVersion { .. } => {
                "Os registros deste terminal são de uma versão mais nova do aplicativo. Instale a versão mais nova."
            }
            Self::Damaged { .. } => {
                "Os registros deste terminal estão danificados. Não cobre neste terminal, não apague nada e chame o suporte."
            }
            Self::StorageFull => {
                "O terminal está sem espaço para gravar. Libere espaço, reinicie o terminal e abra o aplicativo de novo."
            }
            Self::ReadOnly => {
                "O terminal não deixa o aplicativo gravar. Reinicie o terminal; se continuar, chame o suporte."
            }
            Self::Failed | Self::EntryTooLarge { .. } | Self::Encode(_) | Self::Storage(_) => {
                "O terminal não conseguiu gravar. Feche o aplicativo e abra de novo; se continuar, chame o suporte."
            }
        }
    }
}

impl From<io::Error> for JournalError {
    fn from(error: io::Error) -> Self {
        use io::ErrorKind as K;
        let is = |kinds: &[K]| kinds.contains(&error.kind());
        if is(&[K::StorageFull, K::QuotaExceeded, K::FileTooLarge]) {
            Self::StorageFull
        } else if is(&[K::ReadOnlyFilesystem, K::PermissionDenied]) {
            Self::ReadOnly
        } else if is(&[K::InvalidData, K::UnexpectedEof]) {
            // redb says so of a file that is not, or not wholly, a database.
            Self::damaged(error.to_string())
        } else {
            Self::Storage(Box::new(error))
        }
    }
}

impl From<redb::Error> for JournalError {
    fn from(error: redb::Error) -> Self {
        use redb::Error as E;
        // redb's enum is open: what is not named here is a failure of the storage.
        if matches!(error, E::DatabaseAlreadyOpen | E::LockProtocolMismatch) {
            return Self::InUse;
        }
        if matches!(error, E::PreviousIo) {
            return Self::Failed;
        }
        let wrong_contents = matches!(
            error,
            E::Corrupted(_)
                | E::UpgradeRequired(_)
                | E::RepairAborted
                | E::TableTypeMismatch { .. }
                | E::TypeDefinitionChanged { .. }
                | E::TableIsMultimap(_)
                | E::TableDoesNotExist(_)
        );
        if wrong_contents {
            return Self::damaged(error.to_string());
        }
        if let E::Io(error) = error {
            return error.into();
        }
        Self::Storage(Box::new(error))
    }
}

macro_rules! from_redb {
    ($($error:ty),+) => {
        $(impl From<$error> for JournalError {
            fn from(error: $error) -> Self {
                redb::Error::from(error).into()
            }
        })+
    };
}

from_redb!(
    redb::DatabaseError,
    redb::StorageError,
    redb::TableError,
    redb::TransactionError,
    redb::CommitError
);
