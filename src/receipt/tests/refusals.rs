//! What cannot be printed is refused with a reason, and nothing that is sent makes us panic.

use proptest::prelude::*;

use super::super::grey::{Grey, WHITE};
use super::super::{ImageFormat, ReceiptProblem, prepare};
use super::bmp_file::{self, Bmp};
use super::files::{self, Jpeg, base64, grey_png};
use super::fixture::{self, LIMITS};
use super::prepared;

fn refusal(file: &[u8]) -> &'static str {
    prepare(&base64(file), &LIMITS).unwrap_err().code()
}

#[test]
fn an_image_that_declares_too_much_is_refused_before_it_is_decoded() {
    let table = [
        ("a bomb", files::declared_png(60_000, 60_000, 8, 0, 0, &[0; 100])),
        ("an interlaced bomb", files::declared_png(60_000, 60_000, 16, 6, 1, &[0; 100])),
        ("the largest a PNG can declare", files::declared_png(0x7fff_ffff, 0x7fff_ffff, 1, 0, 0, &[0; 100])),
        ("one endless row", files::declared_png(5_000_000, 1, 1, 0, 0, &[0; 100])),
        ("one endless column", files::declared_png(1, 5_000_000, 1, 0, 0, &[0; 100])),
    ];
    for (name, file) in table {
        assert_eq!(refusal(&file), "too_many_pixels", "{name}");
    }
    let mut jpeg = files::jpeg(&fixture::squares(), Jpeg::Colour(2, 2), false);
    let frame = jpeg.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
    assert_eq!(refusal(&jpeg), "too_many_pixels");
    let mut bmp = bmp_file::bmp(&fixture::squares(), Bmp::Rgb24);
    bmp[18..26].copy_from_slice(&[0x60, 0xea, 0, 0, 0x60, 0xea, 0, 0]);
    assert_eq!(refusal(&bmp), "too_many_pixels");
}

#[test]
fn what_cannot_be_printed_is_refused_by_name() {
    let black = |width: usize, height: usize| Grey { width, height, pixels: vec![0; width * height] };
    let table = [
        ("a web page", b"<!DOCTYPE html><html><body>Erro 502</body></html>".to_vec(), "unknown_format"),
        ("a PDF", b"%PDF-1.4 and so on".to_vec(), "unknown_format"),
        ("a GIF", b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(), "unknown_format"),
        ("three letters", b"abc".to_vec(), "unknown_format"),
        ("a PNG's first bytes", b"\x89PNG\r\n\x1a\n".to_vec(), "damaged_image"),
        ("a JPEG's first bytes", b"\xff\xd8\xff\xe0".to_vec(), "damaged_image"),
        ("a BMP's first bytes", b"BM".to_vec(), "damaged_image"),
        ("a PNG without pixels", files::declared_png(0, 10, 8, 0, 0, &[]), "damaged_image"),
        ("a white image", grey_png(&Grey { width: 384, height: 50, pixels: vec![WHITE; 384 * 50] }), "blank"),
        ("a wide image", grey_png(&fixture::noise(576, 20)), "too_wide"),
        ("a tall image", grey_png(&black(384, 12_001)), "too_tall"),
        ("a column of millions of rows", files::declared_png(1, 4_700_000, 1, 0, 0, &[0; 100]), "too_tall"),
        ("a column of many rows", grey_png(&black(1, 48_000)), "too_tall"),
    ];
    for (name, file, code) in table {
        assert_eq!(refusal(&file), code, "{name}");
    }
    assert_eq!(prepare("", &LIMITS).unwrap_err().code(), "empty");
    assert_eq!(prepare("<html>", &LIMITS).unwrap_err().code(), "not_base64");
    assert!(prepare(&base64(&grey_png(&black(384, 11_000))), &LIMITS).is_ok());
}

#[test]
fn every_refusal_tells_the_operator_that_the_payment_stands() {
    let cause = || "cause".into();
    let format = ImageFormat::Png;
    let problems = [
        ReceiptProblem::Empty,
        ReceiptProblem::TextTooLong { bytes: 1 },
        ReceiptProblem::NotBase64,
        ReceiptProblem::UnknownFormat,
        ReceiptProblem::Unsupported { format, cause: cause() },
        ReceiptProblem::Damaged { format, cause: cause() },
        ReceiptProblem::TooManyPixels { width: 1, height: 1 },
        ReceiptProblem::TooWide { ink_width: 1, width_dots: 1 },
        ReceiptProblem::TooTall { height_dots: 1 },
        ReceiptProblem::Blank,
        ReceiptProblem::PrinterLimits,
    ];
    let mut codes: Vec<&str> = problems.iter().map(ReceiptProblem::code).collect();
    for problem in &problems {
        assert!(problem.sentence().contains("O pagamento está registrado"), "{problem:?}");
    }
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), problems.len());
}

#[test]
fn an_image_cut_short_anywhere_is_refused_unless_no_pixel_is_missing() {
    for (kind, file) in one_of_each().into_iter().enumerate() {
        let whole = prepared(&file);
        for len in 1..file.len() {
            match prepare(&base64(&file[..len]), &LIMITS) {
                // BMP's run-length encoding ends with a mark that says nothing.
                Ok(printable) => assert!(printable == whole && file.len() - len <= 2, "file {kind} at {len}"),
                Err(problem) => {
                    assert!(
                        matches!(problem.code(), "damaged_image" | "unknown_format"),
                        "file {kind} at {len}: {}",
                        problem.code()
                    );
                }
            }
        }
    }
}

/// One small file of each kind.
fn one_of_each() -> Vec<Vec<u8>> {
    let image = fixture::squares();
    vec![
        grey_png(&image),
        files::png(&image, png::ColorType::Indexed, png::BitDepth::Four),
        files::interlaced_png(&image),
        files::jpeg(&image, Jpeg::Grey, false),
        files::jpeg(&image, Jpeg::Colour(2, 2), false),
        files::jpeg(&image, Jpeg::Colour(2, 2), true),
        files::jpeg(&image, Jpeg::Cmyk, false),
        bmp_file::bmp(&image, Bmp::Indexed(1)),
        bmp_file::bmp(&image, Bmp::Indexed(8)),
        bmp_file::bmp(&image, Bmp::Rgb565),
        bmp_file::bmp(&image, Bmp::Alpha),
        bmp_file::bmp(&image, Bmp::Rle8),
        bmp_file::bmp(&image, Bmp::Core),
    ]
}

proptest! {
    #[test]
    fn any_text_is_answered(text in ".{0,200}") {
        let _ = prepare(&text, &LIMITS);
    }

    #[test]
    fn any_bytes_after_any_magic_are_answered(
        magic in prop::sample::select(vec![&b"\x89PNG\r\n\x1a\n"[..], b"\xff\xd8\xff\xe0", b"\xff\xd8\xff\xc0", b"BM", b""]),
        bytes in prop::collection::vec(any::<u8>(), 0..400),
    ) {
        let _ = prepare(&base64(&[magic, &bytes].concat()), &LIMITS);
    }

    #[test]
    fn any_damage_is_answered(
        kind in 0..13_usize,
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut file = one_of_each().swap_remove(kind);
        for (at, byte) in damage {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if let Ok(printable) = prepare(&base64(&file), &LIMITS) {
            prop_assert_eq!(printable.rejoined().unwrap().height_dots(), printable.height_dots);
        }
    }
}
