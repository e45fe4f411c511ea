//! Stone's deep links: request URIs that open Stone's apps, and the return URIs that come back.
//!
//! May import `protocol` and the parent's neutral types. Pure: URIs in, URIs out, no Android, no I/O. Where to start:
//! [`Stone`]; `request` writes the requests, `answer` judges the answers, `evidence` reads what they say about a
//! payment, `redact` makes a return URI safe to keep, and `query` is the percent coding and the parameter list that
//! all of them share.
//!
//! # What is official and what was only observed
//!
//! Official: Stone's demo `stone-payments/pos-android-deeplink-demo` (commit 450cebe) and the pages of
//! `sdkandroid.stone.com.br` ("Deeplink Transação", "Deeplink Retorno do pagamento", "Configuração Deeplink",
//! "Cancelamento", "Reimpressão").
//! - Every request's scheme, host and parameters, with their differing spellings: `return_scheme` (pay),
//!   `returnscheme` (cancel in the code; the page writes `return_scheme`, so both are sent), `SCHEME_RETURN` (print,
//!   reprint); `editable_amount` is `0`/`1` for pay and `true`/`false` for cancel.
//! - The return hosts `pay-response`, `cancel`, `print`, `reprint`.
//! - `code=0` is success; the names of the answer's fields; all but `amount` may be null; money is integer centavos.
//! - `order_id` is numeric, at most 2^63 - 1, and echoed.
//! - The values of `DEEPLINK_RETURN`; `responsecode=0000` of an approved reversal.
//!
//! Observed in code that integrators published, not promised by Stone:
//! - `code=-2` (given up) and `code=-6` (refused) with `success=false`; there is no official table, so every other
//!   code is in doubt. `reason=7011` (given up) and `reason=7202` (no such ATK) of a reversal.
//! - `type` is display text ("Crédito", "Débito", "Voucher", "Pix"); the date is local `dd/MM/yyyy HH:mm:ss`;
//!   `pan` is masked as `627303****2166`; `installment_count=0` is à vista; `itk` begins with the serial number.
//! - Pix answers with a missing or non-numeric `atk`.
//!
//! Assumed, because no source says it: 384 dots by 1500 for one image, 200 KB for one request (see the constants),
//! and that a reversal's `amount` below the payment's gives back a part.
//!
//! Stone signs nothing and offers no deep link to ask for a past payment: any app can forge an answer, so a claim is
//! only a claim, and `flow` believes it only for an open attempt with the same amount and method.

mod answer;
mod evidence;
mod query;
mod redact;
mod request;

#[cfg(test)]
mod properties;

use protocol::Serial;
use protocol::attempt::Evidence;

use super::{
    Acquirer, Capabilities, PayRequest, PrintLimits, PrintTooLarge, ReprintRequest, Return, ReversalRequest,
};

/// Width of an image in dots: the paper of every terminal model, and what Stone's own printer tests use
/// (`stone-payments/pos-android-hal-demo`). The deep link's documents give no limit.
pub const PRINT_WIDTH_DOTS: u32 = 384;

/// Tallest image in dots: Stone Connect's limit for fiscal prints ("Impressão de nota fiscal": `size_v` at most
/// 1500). The deep link's documents give no limit; the same printers are behind both.
pub const PRINT_SLICE_HEIGHT_DOTS: u32 = 1500;

/// Longest print request in bytes of URI. It travels through Android's binder, about 1 MB for everything a process has
/// under way (`TransactionTooLargeException`); crashes were seen from 500 KB on. Before Android 11 a `Uri` is written
/// there with two bytes for each character (AOSP `Uri.StringUri.writeToParcel`: `writeString`, later `writeString8`), so
/// this is 300 KB on a terminal with Android 5.1 or 7.1. The figure is our own margin.
pub const PRINT_REQUEST_BYTES: usize = 150_000;

/// Longest return URI that is read, in bytes. A full answer takes about 600; what is longer is no answer of Stone's.
pub const RETURN_URI_BYTES: usize = 64 * 1024;

/// Longest return URI that is kept for support, in bytes: three times a full answer.
pub const REDACTED_URI_BYTES: usize = 2 * 1024;

/// Longest return scheme in characters; ours is short, and it rides in every request.
const RETURN_SCHEME_CHARS: usize = 64;

/// Stone's apps on the terminal.
#[derive(Clone, Debug)]
pub struct Stone {
    return_scheme: ReturnScheme,
    capabilities: Capabilities,
}

impl Stone {
    /// Stone's apps, answering to `return_scheme`: the scheme that the Android manifest registers for the hosts
    /// `pay-response`, `cancel`, `print` and `reprint`.
    #[must_use]
    pub const fn new(return_scheme: ReturnScheme) -> Self {
        Self {
            return_scheme,
            capabilities: Capabilities {
                name: "Stone",
                can_fix_method: true,
                can_fix_amount: true,
                can_query_by_reference: false,
                can_reverse_by_key: true,
                can_reverse_part: true,
                can_reprint_slip: true,
                print: Some(PrintLimits {
                    width_dots: PRINT_WIDTH_DOTS,
                    slice_height_dots: PRINT_SLICE_HEIGHT_DOTS,
                    request_bytes: PRINT_REQUEST_BYTES,
                }),
            },
        }
    }
}

impl Acquirer for Stone {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn pay_uri(&self, request: &PayRequest) -> String {
        request::pay(&self.return_scheme, request)
    }

    fn reversal_uri(&self, request: &ReversalRequest) -> String {
        request::cancel(&self.return_scheme, request)
    }

    fn print_uri(&self, pngs: &[Vec<u8>]) -> Result<String, PrintTooLarge> {
        request::print(&self.return_scheme, pngs)
    }

    fn reprint_uri(&self, request: &ReprintRequest) -> String {
        request::reprint(&self.return_scheme, request)
    }

    fn parse_return(&self, uri: &str) -> Return {
        answer::parse(&self.return_scheme, uri)
    }

    fn redact(&self, uri: &str) -> String {
        redact::redact(uri)
    }

    fn serial_in(&self, evidence: &Evidence) -> Option<Serial> {
        evidence::serial(evidence)
    }
}

/// The URI scheme to which Stone's apps answer, without `://`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReturnScheme(String);

impl ReturnScheme {
    /// Parses a URI scheme (RFC 3986, section 3.1): a letter, then letters, digits, `+`, `-` and `.`. Lower case only,
    /// because Android compares schemes by letter and the answer to `PosConnect` would find nobody.
    pub fn parse(text: &str) -> Result<Self, InvalidReturnScheme> {
        let begins_with_letter = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        let clean = text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.'));
        if begins_with_letter && clean && text.len() <= RETURN_SCHEME_CHARS {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidReturnScheme)
        }
    }

    /// The scheme as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Text that is no URI scheme to which Android could deliver an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a URI scheme: a lower-case letter, then lower-case letters, digits, '+', '-' or '.', at most 64"
)]
pub struct InvalidReturnScheme;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_return_scheme_is_what_android_can_deliver_to() {
        for good in ["posconnect", "a", "br.com.loja+pos-1"] {
            assert_eq!(ReturnScheme::parse(good).unwrap().as_str(), good);
        }
        let too_long = "a".repeat(RETURN_SCHEME_CHARS + 1);
        for bad in ["", "PosConnect", "1pos", "pos_connect", "pos://", "pos connect", "ação", &too_long] {
            assert_eq!(ReturnScheme::parse(bad), Err(InvalidReturnScheme), "{bad:?}");
        }
    }

    #[test]
    fn every_request_goes_to_its_app_and_a_return_is_kept_without_its_card() {
        let stone = Stone::new(ReturnScheme::parse("posconnect").unwrap());
        let slip = ReprintRequest { atk: "378".into(), copy: crate::acquirer::SlipCopy::Merchant };
        assert!(stone.reprint_uri(&slip).starts_with("reprinter-app://reprint?"));
        assert!(stone.print_uri(&[vec![1]]).unwrap().starts_with("printer-app://print?"));
        let kept = stone.redact("posconnect://pay-response?code=0&pan=4066555512341234");
        assert!(kept.starts_with("posconnect://pay-response?code=0") && !kept.contains("40665555"), "{kept}");
        assert_eq!(RETURN_URI_BYTES, 65_536);
    }

    #[test]
    fn screens_learn_what_stone_can_do() {
        let stone = Stone::new(ReturnScheme::parse("posconnect").unwrap());
        let can = stone.capabilities();
        assert_eq!(can.name, "Stone");
        assert!(can.can_fix_method && can.can_fix_amount && can.can_reverse_by_key && can.can_reverse_part);
        assert!(can.can_reprint_slip && !can.can_query_by_reference);
        assert_eq!(
            can.print,
            Some(PrintLimits { width_dots: 384, slice_height_dots: 1500, request_bytes: 150_000 })
        );
    }
}
