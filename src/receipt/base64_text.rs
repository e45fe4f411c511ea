//! Base64 as PDVs really send it: with a `data:` prefix or without, wrapped or not, padded or not, in either alphabet.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{MAX_BASE64_BYTES, ReceiptProblem};

/// The standard alphabet; padding is removed before, and the spare bits of the last character are nobody's concern.
const FORGIVING: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// The bytes that the text stands for.
pub(super) fn to_bytes(text: &str) -> Result<Vec<u8>, ReceiptProblem> {
    if text.len() > MAX_BASE64_BYTES {
        return Err(ReceiptProblem::TextTooLong { bytes: text.len() });
    }
    let payload = without_data_prefix(text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']))?;
    let payload = payload.trim_ascii_end().trim_end_matches('=');
    if payload.is_empty() {
        return Err(ReceiptProblem::Empty);
    }
    // Nearly every PDV sends plain base64, and a large image is decoded in a sixth of the time without the clean-up.
    FORGIVING
        .decode(payload)
        .or_else(|_| FORGIVING.decode(plain_symbols(payload)))
        .map_err(|_| ReceiptProblem::NotBase64)
}

/// The same without white space and in the standard alphabet.
fn plain_symbols(payload: &str) -> Vec<u8> {
    let symbols = payload.bytes().filter(|byte| !byte.is_ascii_whitespace());
    let mut symbols: Vec<u8> = symbols
        .map(|symbol| match symbol {
            b'-' => b'+',
            b'_' => b'/',
            other => other,
        })
        .collect();
    while symbols.last() == Some(&b'=') {
        symbols.pop();
    }
    symbols
}

/// What follows `data:image/…;base64,`. The declared type is not believed: the bytes say what they are.
fn without_data_prefix(text: &str) -> Result<&str, ReceiptProblem> {
    const SCHEME: &str = "data:";
    let has_scheme = text.get(..SCHEME.len()).is_some_and(|start| start.eq_ignore_ascii_case(SCHEME));
    if !has_scheme {
        return Ok(text);
    }
    let (head, payload) = text.split_once(',').ok_or(ReceiptProblem::NotBase64)?;
    if head.trim_end().to_ascii_lowercase().ends_with(";base64") {
        Ok(payload)
    } else {
        Err(ReceiptProblem::NotBase64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_read_however_it_was_written() {
        let bytes: Vec<u8> = (0..=255).collect();
        let plain = base64::engine::general_purpose::STANDARD.encode(&bytes);
        let wrapped: String = plain
            .as_bytes()
            .chunks(76)
            .map(|line| format!("{}\r\n", str::from_utf8(line).unwrap()))
            .collect();
        let table = [
            ("plain", plain.clone()),
            ("no padding", plain.trim_end_matches('=').to_owned()),
            ("too much padding", format!("{plain}==")),
            ("url-safe", plain.replace('+', "-").replace('/', "_")),
            ("lines of 76", wrapped.clone()),
            ("spaces and tabs", format!(" \t {} \t{}  ", &plain[..10], &plain[10..])),
            ("data prefix", format!("data:image/png;base64,{plain}")),
            ("data prefix, wrong type, shouting", format!("DATA:IMAGE/BMP;Base64,\n{wrapped}")),
            ("data prefix with parameters", format!("data:image/png;name=nota.png;base64, {plain}")),
            ("byte order mark", format!("\u{feff}{plain}")),
        ];
        for (name, text) in table {
            assert_eq!(to_bytes(&text).ok(), Some(bytes.clone()), "{name}");
        }
    }

    #[test]
    fn text_that_is_no_base64_is_refused_by_name() {
        let too_long = "A".repeat(MAX_BASE64_BYTES + 1);
        let table = [
            ("", "empty"),
            (" \n\t ", "empty"),
            ("====", "empty"),
            ("data:image/png;base64,", "empty"),
            ("data:image/png;base64", "not_base64"),
            ("data:image/svg+xml,<svg/>", "not_base64"),
            ("<html><body>404</body></html>", "not_base64"),
            ("{\"error\":1}", "not_base64"),
            ("AAAAA", "not_base64"),
            ("AA=A", "not_base64"),
            ("ação", "not_base64"),
            (too_long.as_str(), "text_too_long"),
        ];
        for (text, code) in table {
            assert_eq!(to_bytes(text).unwrap_err().code(), code, "{:.30}", text);
        }
    }
}
