//! Fetches a receipt, makes it printable and puts it on the shelf.

use std::sync::Arc;
use std::time::Duration;

use protocol::PrintId;

use crate::acquirer::{Acquirer, PrintLimits};
use crate::flow::{CallFailure, PreparedReceipt, ReceiptFailure, Unreachable};
use crate::hub::Hub;
use crate::journal::Shelf;
use crate::receipt;

/// Longest wait for a receipt's image: some hundred KB over the slowest mobile network.
const FETCH_MAX: Duration = Duration::from_secs(60);

const NO_PRINTER: &str = "no_printer";
const NO_PRINTER_SENTENCE: &str = "Este terminal não imprime comprovantes. Imprima no PDV.";
const DEFECT: &str = "receipt_defect";
const DEFECT_SENTENCE: &str = "Não foi possível preparar este comprovante. Imprima no PDV e avise o suporte.";

/// What a receipt goes through.
#[derive(Clone)]
pub(super) struct Receipts {
    /// `None`: no address is set.
    pub(super) hub: Option<Arc<Hub>>,
    pub(super) acquirer: Arc<dyn Acquirer>,
    /// `None`: there is no storage for receipts.
    pub(super) shelf: Option<Arc<Shelf>>,
}

impl Receipts {
    /// From the service to the shelf.
    pub(super) async fn prepare(self, print_id: PrintId) -> Result<PreparedReceipt, ReceiptFailure> {
        let Some(limits) = self.acquirer.capabilities().print else {
            return Err(image(NO_PRINTER, NO_PRINTER_SENTENCE));
        };
        let Some(shelf) = self.shelf else {
            return Err(ReceiptFailure::Storage);
        };
        let Some(hub) = self.hub else {
            return Err(ReceiptFailure::Fetch(CallFailure::Unreachable(Unreachable::NoConnection)));
        };
        let fetched = hub.fetch_receipt(&print_id, FETCH_MAX).await;
        let content = fetched.map_err(ReceiptFailure::Fetch)?;
        let kept = tokio::task::spawn_blocking(move || keep(&shelf, &print_id, &content, &limits));
        kept.await.unwrap_or_else(|_| Err(image(DEFECT, DEFECT_SENTENCE)))
    }

    /// The request URI of one part; `None` when it cannot be printed.
    pub(super) fn print_uri(&self, print_id: &PrintId, part: u32) -> Option<String> {
        let pngs = match self.shelf.as_ref()?.part(print_id, part) {
            Ok(pngs) => pngs,
            Err(error) => {
                log::warn!("receipt {print_id}, part {part}: {error}");
                return None;
            }
        };
        match self.acquirer.print_uri(&pngs) {
            Ok(uri) => Some(uri),
            Err(error) => {
                log::error!("receipt {print_id}, part {part}: {error}");
                None
            }
        }
    }

    pub(super) fn forget(&self, print_id: &PrintId) {
        if let Some(Err(error)) = self.shelf.as_ref().map(|shelf| shelf.forget(print_id)) {
            // It goes when the shelf is full.
            log::warn!("receipt {print_id} stays for now: {error}");
        }
    }
}

fn keep(
    shelf: &Shelf,
    print_id: &PrintId,
    content: &str,
    limits: &PrintLimits,
) -> Result<PreparedReceipt, ReceiptFailure> {
    let printable = receipt::prepare(content, limits).map_err(|problem| {
        log::info!("receipt {print_id} cannot be printed: {problem}");
        image(problem.code(), problem.sentence())
    })?;
    let requests = printable.requests();
    let parts: Vec<Vec<Vec<u8>>> =
        requests.iter().map(|slices| slices.iter().map(|slice| slice.png.clone()).collect()).collect();
    shelf.put(print_id, &parts).map_err(|error| {
        log::warn!("receipt {print_id} cannot be kept: {error}");
        ReceiptFailure::Storage
    })?;
    Ok(PreparedReceipt {
        parts: u32::try_from(parts.len()).map_err(|_| image(DEFECT, DEFECT_SENTENCE))?,
        height_dots: printable.height_dots,
    })
}

fn image(code: &str, sentence: &str) -> ReceiptFailure {
    ReceiptFailure::Image { code: code.to_owned(), sentence: sentence.to_owned() }
}
