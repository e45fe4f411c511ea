//! Slices join to the same paper whatever the limits, and every request keeps them.

use super::super::{Slice, decode_slice, prepare};
use super::files::{base64, grey_png};
use super::fixture::{self, LIMITS, NFCE_URL};
use super::{prepared, qr_text};
use crate::acquirer::PrintLimits;

#[test]
fn slices_join_without_gaps_and_never_cut_the_qr_code() {
    let receipt = fixture::receipt(3_000);
    let text = base64(&grey_png(&receipt.image));
    let whole = prepare(&text, &LIMITS).unwrap().rejoined().unwrap();
    // The QR code is 325 rows tall here.
    for slice_height_dots in [500, 700, 1_000, 1_500, 3_000] {
        let printable = prepare(&text, &PrintLimits { slice_height_dots, ..LIMITS }).unwrap();
        let mut next_row = 0;
        for slice in &printable.slices {
            assert_eq!(slice.first_row, next_row);
            assert!(slice.height_dots > 0 && slice.height_dots <= slice_height_dots);
            assert_eq!(decode_slice(&slice.png).unwrap().height_dots(), slice.height_dots);
            assert!(
                next_row as usize <= receipt.qr_rows.start || next_row as usize >= receipt.qr_rows.end,
                "a cut at {next_row} goes through the QR code at {:?}",
                receipt.qr_rows
            );
            next_row += slice.height_dots;
        }
        assert_eq!(next_row, printable.height_dots);
        assert_eq!(printable.rejoined().unwrap(), whole);
    }
}

/// The request as Stone's app gets it.
fn stone_request(slices: &[Slice]) -> String {
    let items: Vec<String> = slices
        .iter()
        .map(|slice| format!(r#"{{"type":"image","imagePath":"{}"}}"#, base64(&slice.png)))
        .collect();
    let content: String =
        format!("[{}]", items.join(","))
            .bytes()
            .map(|byte| {
                if byte.is_ascii_alphanumeric() {
                    char::from(byte).to_string()
                } else {
                    format!("%{byte:02X}")
                }
            })
            .collect();
    format!(
        "printer-app://print?SHOW_FEEDBACK_SCREEN=true&SCHEME_RETURN=posconnect&PRINTABLE_CONTENT={content}"
    )
}

#[test]
fn every_request_stays_below_the_limit_even_when_nothing_can_be_compressed() {
    let images = [fixture::noise(384, 700), fixture::receipt(900).image];
    for image in images {
        let text = base64(&grey_png(&image));
        let whole = prepare(&text, &LIMITS).unwrap().rejoined().unwrap();
        for request_bytes in [1_000, 3_000, 20_000, 100_000, 200_000] {
            let printable = prepare(&text, &PrintLimits { request_bytes, ..LIMITS }).unwrap();
            let requests = printable.requests();
            for request in &requests {
                let uri = stone_request(request);
                assert!(uri.len() <= request_bytes, "{} above {request_bytes}", uri.len());
            }
            let in_requests: Vec<&Slice> = requests.iter().copied().flatten().collect();
            assert!(in_requests.into_iter().eq(&printable.slices));
            assert_eq!(printable.rejoined().unwrap(), whole);
        }
    }
    let too_small = PrintLimits { request_bytes: 600, ..LIMITS };
    let text = base64(&grey_png(&fixture::noise(384, 100)));
    assert_eq!(prepare(&text, &too_small).unwrap_err().code(), "printer_limits");
}

#[test]
fn a_usual_receipt_is_one_request() {
    let printable = prepared(&grey_png(&fixture::receipt(3_000).image));
    assert_eq!(printable.requests().len(), 1);
}

#[test]
fn another_printer_width_is_served_too() {
    let text = base64(&grey_png(&fixture::receipt(800).image));
    let printable = prepare(&text, &PrintLimits { width_dots: 570, ..LIMITS }).unwrap();
    let paper = printable.rejoined().unwrap();
    assert_eq!(paper.width_dots(), 570);
    assert_eq!(qr_text(&paper).as_deref(), Some(NFCE_URL));
}

#[test]
fn debug_output_shows_sizes_and_no_content() {
    let printable = prepared(&grey_png(&fixture::squares()));
    let shown = format!("{:?}", printable.slices[0]);
    assert_eq!(
        shown,
        format!(
            "Slice {{ first_row: 0, height_dots: {}, png_bytes: {} }}",
            printable.slices[0].height_dots,
            printable.slices[0].png.len()
        )
    );
}

#[test]
fn the_same_text_gives_the_same_bytes() {
    let text = base64(&grey_png(&fixture::receipt(1_600).image));
    assert_eq!(prepare(&text, &LIMITS).unwrap(), prepare(&text, &LIMITS).unwrap());
}
