//! Goal: whatever a PDV sends becomes a readable receipt or a clear refusal. Method: whole images through [`prepare`],
//! read back as a printer reads them; the QR code is read by a decoder that has nothing to do with our code.

mod bmp_file;
mod files;
mod fixture;
mod formats;
mod refusals;
mod slicing;

use super::grey::{Grey, WHITE};
use super::{Bitmap, Printable, prepare};
use bmp_file::Bmp;
use files::{Jpeg, base64, grey_png};
use fixture::{LIMITS, NFCE_URL};

/// What a phone's camera would read from the paper.
fn qr_text(paper: &Bitmap) -> Option<String> {
    let dot = |x: usize, y: usize| {
        let is_black = paper.is_black(u32::try_from(x).unwrap(), u32::try_from(y).unwrap());
        if is_black { 0 } else { 255 }
    };
    let mut prepared = rqrr::PreparedImage::prepare_from_greyscale(
        paper.width_dots() as usize,
        paper.height_dots() as usize,
        dot,
    );
    prepared.detect_grids().into_iter().find_map(|grid| grid.decode().ok()).map(|(_, text)| text)
}

fn prepared(file: &[u8]) -> Printable {
    prepare(&base64(file), &LIMITS).unwrap()
}

#[test]
fn the_qr_code_of_a_long_receipt_is_read_from_the_printed_slices() {
    let receipt = fixture::receipt(3_000);
    let printable = prepared(&grey_png(&receipt.image));
    assert_eq!(printable.width_dots, 384);
    assert!((2_900..=3_000).contains(&printable.height_dots), "{}", printable.height_dots);
    assert!(printable.slices.len() >= 2);
    let paper = printable.rejoined().unwrap();
    assert_eq!((paper.width_dots(), paper.height_dots()), (384, printable.height_dots));
    assert_eq!(qr_text(&paper).as_deref(), Some(NFCE_URL));
}

#[test]
fn the_qr_code_survives_jpeg_and_bmp_and_other_widths() {
    let receipt = fixture::receipt(1_000).image;
    let margins = |left: usize, right: usize| {
        let pixels = receipt
            .rows()
            .flat_map(|row| [&vec![WHITE; left][..], row, &vec![WHITE; right][..]].concat())
            .collect();
        Grey { width: 384 + left + right, height: receipt.height, pixels }
    };
    let doubled = {
        let doubled_row = |row: &[u8]| row.iter().flat_map(|&pixel| [pixel; 2]).collect::<Vec<u8>>();
        let pixels = receipt.rows().flat_map(|row| doubled_row(row).repeat(2)).collect();
        Grey { width: 768, height: 2_000, pixels }
    };
    let table = [
        ("grey JPEG", files::jpeg(&receipt, Jpeg::Grey, false)),
        ("colour JPEG", files::jpeg(&receipt, Jpeg::Colour(2, 2), false)),
        ("progressive colour JPEG", files::jpeg(&receipt, Jpeg::Colour(2, 2), true)),
        ("BMP", bmp_file::bmp(&receipt, Bmp::Rgb24)),
        ("388 wide", grey_png(&margins(0, 4))),
        ("576 wide with margins", grey_png(&margins(96, 96))),
        ("768 wide, dots doubled", grey_png(&doubled)),
    ];
    for (name, file) in table {
        assert_eq!(qr_text(&prepared(&file).rejoined().unwrap()).as_deref(), Some(NFCE_URL), "{name}");
    }
}
