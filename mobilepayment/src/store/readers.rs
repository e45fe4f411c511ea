//! Connections that only read, off the runtime's own threads.

use std::sync::{Arc, Mutex, PoisonError};

use log::error;
use tokio::sync::Semaphore;

use super::Unavailable;
use crate::db::open::DataDir;
use crate::db::{Connection, DbResult};

/// Queries at the same time: reads are short, and more threads would only fight for the same two cores.
const READERS_MAX: usize = 4;

#[derive(Clone)]
pub(super) struct Readers {
    shared: Arc<Shared>,
}

struct Shared {
    data: DataDir,
    idle: Mutex<Vec<Connection>>,
    permits: Semaphore,
}

impl Readers {
    pub(super) fn new(data: DataDir) -> Self {
        Self {
            shared: Arc::new(Shared {
                data,
                idle: Mutex::new(Vec::new()),
                permits: Semaphore::new(READERS_MAX),
            }),
        }
    }

    /// Runs a query that sees one committed state.
    pub(super) async fn read<T, F>(&self, query: F) -> Result<T, Unavailable>
    where
        F: FnOnce(&Connection) -> DbResult<T> + Send + 'static,
        T: Send + 'static,
    {
        let permit = self.shared.permits.acquire().await.map_err(|_| Unavailable)?;
        let shared = Arc::clone(&self.shared);
        let answer = tokio::task::spawn_blocking(move || shared.query(query)).await;
        drop(permit);
        match answer {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                error!("a query failed: {error}");
                Err(Unavailable)
            }
            Err(error) => {
                error!("a query panicked: {error}");
                Err(Unavailable)
            }
        }
    }
}

impl Shared {
    fn query<T>(&self, query: impl FnOnce(&Connection) -> DbResult<T>) -> DbResult<T> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.data.reader()?,
        };
        let transaction = connection.unchecked_transaction()?;
        let answer = query(&transaction)?;
        transaction.finish()?;
        // After an error the connection is dropped instead: a new one costs less than a doubtful one.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok(answer)
    }
}
