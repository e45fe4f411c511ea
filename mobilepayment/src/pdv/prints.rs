//! `/posconnect/v1/orders/{id}/prints` and `/posconnect/v1/prints/{id}`: fiscal receipts to be printed on the terminal.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use protocol::PrintId;
use protocol::receipt::ReceiptKind;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::answer::{ApiError, Refusals};
use super::caller::Caller;
use super::input::body::{JsonBody, PRINT_BODY_BYTES_MAX};
use super::input::fields::{Fields, Problems};
use super::input::path::Segment;
use super::orders::order_id;
use super::shapes::print::PrintBody;
use crate::state::AppState;
use crate::store::command::NewPrint;

/// Tallest image, in dots: the terminal cuts it into slices. The original takes 1,500.
const HEIGHT_DOTS_MAX: u64 = 12_000;
/// Widest image, in dots: the original says 388, its printers have 384.
const WIDTH_DOTS_MAX: u64 = 388;

/// A receipt image to be printed.
#[derive(Debug, Serialize, ToSchema)]
pub struct PrintInput {
    /// `NFE`, `CUPOM` or `RECEIPT`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Height in dots, 1 to 12000.
    pub size_v: u64,
    /// Width in dots, 1 to 388; 384 prints dot by dot.
    pub size_h: u64,
    /// `png`, `jpg`, `jpeg` or `bmp`; must be what `content` is.
    pub format: String,
    /// The image in base64; a `data:` prefix and line breaks are let pass.
    pub content: String,
}

/// Sends a receipt to the terminal that took the order's last payment. The answer's header `X-PosConnect-Print-Id` names
/// it for `/posconnect/v1/prints/{id}`.
#[utoipa::path(post, path = "/posconnect/v1/orders/{id}/prints", tag = "prints", request_body = PrintInput,
    params(("id" = String, Path, description = "`or_…`")),
    responses((status = 200, description = "An empty object, as in the original", body = Object,
        headers(("X-PosConnect-Print-Id" = String, description = "`pr_…`"))), Refusals))]
pub async fn create(
    caller: Caller,
    State(state): State<AppState>,
    Segment(id): Segment,
    body: JsonBody<PRINT_BODY_BYTES_MAX>,
) -> Result<Response, ApiError> {
    let order_id = order_id(&id)?;
    let (kind, content) = read_image(&body.object)?;
    let new = NewPrint { account: caller.account().clone(), order_id, kind, content };
    let print = state.store.add_print(new).await?;
    let print_id = HeaderValue::from_str(print.id.as_str()).expect("an id is ASCII");
    let header = [(HeaderName::from_static("x-posconnect-print-id"), print_id)];
    Ok((header, Json(Map::new())).into_response())
}

/// What became of a receipt.
#[utoipa::path(get, path = "/posconnect/v1/prints/{id}", tag = "prints",
    params(("id" = String, Path, description = "`pr_…`")),
    responses((status = 200, description = "The receipt's state", body = PrintBody), Refusals))]
pub async fn read(
    caller: Caller,
    State(state): State<AppState>,
    Segment(id): Segment,
) -> Result<Json<PrintBody>, ApiError> {
    let unknown = || ApiError::not_found("Este comprovante");
    let id = PrintId::parse(&id).map_err(|_| unknown())?;
    let print = state.store.print(caller.account(), &id).await?.ok_or_else(unknown)?;
    Ok(Json(PrintBody::new(&print)))
}

/// Reads a receipt. The original answers 400, not 422, to one that it cannot take.
pub fn read_image(body: &Map<String, Value>) -> Result<(ReceiptKind, String), ApiError> {
    let mut problems = Problems::default();
    let p = &mut problems;
    let fields = Fields::new("print", body);
    for key in ["type", "size_v", "size_h", "format", "content"] {
        fields.require(key, p);
    }
    let kinds = [("NFE", ReceiptKind::Nfe), ("CUPOM", ReceiptKind::Cupom), ("RECEIPT", ReceiptKind::Receipt)];
    let kind = fields.word("type", &kinds, p);
    fields.integer("size_v", (1, HEIGHT_DOTS_MAX), p);
    fields.integer("size_h", (1, WIDTH_DOTS_MAX), p);
    let formats = [("png", Format::Png), ("jpg", Format::Jpeg), ("jpeg", Format::Jpeg), ("bmp", Format::Bmp)];
    let format = fields.word("format", &formats, p);
    let content = match fields.get("content").map(|v| v.as_str().ok_or(())) {
        None => None,
        Some(Err(())) => {
            p.add("print.content", "deve ser um texto em base64");
            None
        }
        Some(Ok(text)) => {
            check_content(text, format, p);
            Some(text.to_owned())
        }
    };
    problems.finish(StatusCode::BAD_REQUEST, kind.zip(content))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Format {
    Png,
    Jpeg,
    Bmp,
}

impl Format {
    /// What a file of this format begins with.
    const fn begins_with(self) -> &'static [u8] {
        match self {
            Self::Png => b"\x89PNG\r\n\x1a\n",
            Self::Jpeg => b"\xff\xd8\xff",
            Self::Bmp => b"BM",
        }
    }
}

/// Whether it is base64 of an image of the format said. The terminal decodes it whole and says what else is wrong.
fn check_content(text: &str, format: Option<Format>, problems: &mut Problems) {
    let text = text.trim_start();
    let base64 = match text.strip_prefix("data:") {
        Some(uri) => uri.split_once("base64,").map(|(_, data)| data),
        None => Some(text),
    };
    let clean: Option<String> = base64.map(|b| b.chars().filter(|c| !c.is_ascii_whitespace()).collect());
    let Some(bytes) = clean.and_then(|c| STANDARD.decode(c).ok()).filter(|b| !b.is_empty()) else {
        problems.add("print.content", "não é base64 válido; envie a imagem inteira em base64 padrão");
        return;
    };
    if format.is_some_and(|format| !bytes.starts_with(format.begins_with())) {
        problems.add("print.content", "não é uma imagem do formato informado em \"format\"");
    }
}
