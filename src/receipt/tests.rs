//! Goal: whatever a PDV sends becomes a readable receipt or a clear refusal. Method: whole images through [`prepare`],
//! read back as a printer reads them; the QR code is read by a decoder that has nothing to do with our code.

use proptest::prelude::*;

use super::decode::to_grey;
use super::fixture::{self, Bmp, LIMITS, NFCE_URL, base64, grey_png};
use super::grey::{Grey, WHITE};
use super::*;

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
    prepared
        .detect_grids()
        .into_iter()
        .find_map(|grid| grid.decode().ok())
        .map(|(_, text)| text)
}

fn prepared(file: &[u8]) -> Printable {
    prepare(&base64(file), &LIMITS).unwrap()
}

fn refusal(file: &[u8]) -> &'static str {
    prepare(&base64(file), &LIMITS).unwrap_err().code()
}

#[test]
fn the_qr_code_of_a_long_receipt_is_read_from_the_printed_slices() {
    let receipt = fixture::receipt(3_000);
    let printable = prepared(&grey_png(&receipt.image));
    assert_eq!(printable.width_dots, 384);
    assert!(
        (2_900..=3_000).contains(&printable.height_dots),
        "{}",
        printable.height_dots
    );
    assert!(printable.slices.len() >= 2);
    let paper = printable.rejoined().unwrap();
    assert_eq!(
        (paper.width_dots(), paper.height_dots()),
        (384, printable.height_dots)
    );
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
        Grey {
            width: 384 + left + right,
            height: receipt.height,
            pixels,
        }
    };
    let doubled = {
        let doubled_row = |row: &[u8]| row.iter().flat_map(|&pixel| [pixel; 2]).collect::<Vec<u8>>();
        let pixels = receipt
            .rows()
            .flat_map(|row| doubled_row(row).repeat(2))
            .collect();
        Grey {
            width: 768,
            height: 2_000,
            pixels,
        }
    };
    let table = [
        ("grey JPEG", fixture::jpeg(&receipt, 1, false)),
        ("colour JPEG", fixture::jpeg(&receipt, 3, false)),
        ("progressive colour JPEG", fixture::jpeg(&receipt, 3, true)),
        ("BMP", fixture::bmp(&receipt, Bmp::Rgb24)),
        ("388 wide", grey_png(&margins(0, 4))),
        ("576 wide with margins", grey_png(&margins(96, 96))),
        ("768 wide, dots doubled", grey_png(&doubled)),
    ];
    for (name, file) in table {
        assert_eq!(
            qr_text(&prepared(&file).rejoined().unwrap()).as_deref(),
            Some(NFCE_URL),
            "{name}"
        );
    }
}

#[test]
fn every_kind_of_png_is_read_exactly() {
    use png::{BitDepth as Depth, ColorType as Color};
    let image = fixture::squares();
    let kinds = [
        (
            Color::Grayscale,
            vec![Depth::One, Depth::Two, Depth::Four, Depth::Eight, Depth::Sixteen],
        ),
        (
            Color::Indexed,
            vec![Depth::One, Depth::Two, Depth::Four, Depth::Eight],
        ),
        (Color::Rgb, vec![Depth::Eight, Depth::Sixteen]),
        (Color::GrayscaleAlpha, vec![Depth::Eight, Depth::Sixteen]),
        (Color::Rgba, vec![Depth::Eight, Depth::Sixteen]),
    ];
    for (color, depths) in kinds {
        for depth in depths {
            let decoded = to_grey(&fixture::png(&image, color, depth)).unwrap();
            assert_eq!(decoded, image, "{color:?} {depth:?}");
        }
    }
    assert_eq!(
        to_grey(&fixture::interlaced_png(&image)).unwrap(),
        image,
        "interlaced"
    );
}

#[test]
fn every_kind_of_bmp_is_read_exactly() {
    let image = fixture::squares();
    let kinds = [
        Bmp::Indexed(1),
        Bmp::Indexed(4),
        Bmp::Indexed(8),
        Bmp::Rgb555,
        Bmp::Rgb565,
        Bmp::Rgb24,
        Bmp::TopDown24,
        Bmp::Rgb32,
        Bmp::UnusedAlpha,
        Bmp::Alpha,
        Bmp::Rle8,
        Bmp::Core,
    ];
    for kind in kinds {
        assert_eq!(to_grey(&fixture::bmp(&image, kind)).unwrap(), image, "{kind:?}");
    }
}

#[test]
fn every_kind_of_jpeg_is_read_up_to_its_noise() {
    let image = fixture::squares();
    for (components, progressive) in [
        (1, false),
        (1, true),
        (3, false),
        (3, true),
        (4, false),
        (4, true),
    ] {
        let decoded = to_grey(&fixture::jpeg(&image, components, progressive)).unwrap();
        assert_eq!((decoded.width, decoded.height), (image.width, image.height));
        let is_dark = |image: &Grey| {
            image
                .pixels
                .iter()
                .map(|&pixel| pixel < 128)
                .collect::<Vec<bool>>()
        };
        assert_eq!(
            is_dark(&decoded),
            is_dark(&image),
            "{components} components, progressive: {progressive}"
        );
    }
}

#[test]
fn the_bytes_decide_the_format_not_the_declared_type() {
    let file = grey_png(&fixture::squares());
    let declared = format!("data:image/bmp;base64,{}", base64(&file));
    assert_eq!(prepare(&declared, &LIMITS).unwrap(), prepared(&file));
}

#[test]
fn the_same_text_gives_the_same_bytes() {
    let text = base64(&grey_png(&fixture::receipt(1_600).image));
    assert_eq!(prepare(&text, &LIMITS).unwrap(), prepare(&text, &LIMITS).unwrap());
}

#[test]
fn an_image_that_declares_too_much_is_refused_before_it_is_decoded() {
    let table = [
        (
            "a bomb",
            fixture::declared_png(60_000, 60_000, 8, 0, 0, &[0; 100]),
        ),
        (
            "an interlaced bomb",
            fixture::declared_png(60_000, 60_000, 16, 6, 1, &[0; 100]),
        ),
        (
            "the largest a PNG can declare",
            fixture::declared_png(0x7fff_ffff, 0x7fff_ffff, 1, 0, 0, &[0; 100]),
        ),
        (
            "one endless row",
            fixture::declared_png(5_000_000, 1, 1, 0, 0, &[0; 100]),
        ),
        (
            "one endless column",
            fixture::declared_png(1, 5_000_000, 1, 0, 0, &[0; 100]),
        ),
    ];
    for (name, file) in table {
        assert_eq!(refusal(&file), "too_many_pixels", "{name}");
    }
    let mut jpeg = fixture::jpeg(&fixture::squares(), 3, false);
    let frame = jpeg.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
    assert_eq!(refusal(&jpeg), "too_many_pixels");
    let mut bmp = fixture::bmp(&fixture::squares(), Bmp::Rgb24);
    bmp[18..26].copy_from_slice(&[0x60, 0xea, 0, 0, 0x60, 0xea, 0, 0]);
    assert_eq!(refusal(&bmp), "too_many_pixels");
}

#[test]
fn what_cannot_be_printed_is_refused_by_name() {
    let black = |width: usize, height: usize| Grey {
        width,
        height,
        pixels: vec![0; width * height],
    };
    let table = [
        (
            "a web page",
            b"<!DOCTYPE html><html><body>Erro 502</body></html>".to_vec(),
            "unknown_format",
        ),
        ("a PDF", b"%PDF-1.4 and so on".to_vec(), "unknown_format"),
        ("a GIF", b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(), "unknown_format"),
        ("three letters", b"abc".to_vec(), "unknown_format"),
        (
            "a PNG's first bytes",
            b"\x89PNG\r\n\x1a\n".to_vec(),
            "damaged_image",
        ),
        (
            "a JPEG's first bytes",
            b"\xff\xd8\xff\xe0".to_vec(),
            "damaged_image",
        ),
        ("a BMP's first bytes", b"BM".to_vec(), "damaged_image"),
        (
            "a PNG without pixels",
            fixture::declared_png(0, 10, 8, 0, 0, &[]),
            "damaged_image",
        ),
        (
            "a white image",
            grey_png(&Grey {
                width: 384,
                height: 50,
                pixels: vec![WHITE; 384 * 50],
            }),
            "blank",
        ),
        ("a wide image", grey_png(&fixture::noise(576, 20)), "too_wide"),
        ("a tall image", grey_png(&black(384, 12_001)), "too_tall"),
        (
            "a column of millions of rows",
            grey_png(&black(1, 4_700_000)),
            "too_tall",
        ),
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
        ReceiptProblem::Unsupported {
            format,
            cause: cause(),
        },
        ReceiptProblem::Damaged {
            format,
            cause: cause(),
        },
        ReceiptProblem::TooManyPixels { width: 1, height: 1 },
        ReceiptProblem::TooWide {
            ink_width: 1,
            width_dots: 1,
        },
        ReceiptProblem::TooTall { height_dots: 1 },
        ReceiptProblem::Blank,
        ReceiptProblem::PrinterLimits,
    ];
    let mut codes: Vec<&str> = problems.iter().map(ReceiptProblem::code).collect();
    for problem in &problems {
        assert!(
            problem.sentence().contains("O pagamento está registrado"),
            "{problem:?}"
        );
    }
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), problems.len());
}

#[test]
fn slices_join_without_gaps_and_never_cut_the_qr_code() {
    let receipt = fixture::receipt(3_000);
    let text = base64(&grey_png(&receipt.image));
    let whole = prepare(&text, &LIMITS).unwrap().rejoined().unwrap();
    // The QR code is 365 rows tall here.
    for slice_height_dots in [500, 700, 1_000, 1_500, 3_000] {
        let printable = prepare(
            &text,
            &PrintLimits {
                slice_height_dots,
                ..LIMITS
            },
        )
        .unwrap();
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
    let content: String = format!("[{}]", items.join(","))
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
    let images = [fixture::noise(384, 2_000), fixture::receipt(2_000).image];
    for image in images {
        let text = base64(&grey_png(&image));
        let whole = prepare(&text, &LIMITS).unwrap().rejoined().unwrap();
        for request_bytes in [1_000, 3_000, 20_000, 100_000, 200_000] {
            let printable = prepare(
                &text,
                &PrintLimits {
                    request_bytes,
                    ..LIMITS
                },
            )
            .unwrap();
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
    let too_small = PrintLimits {
        request_bytes: 600,
        ..LIMITS
    };
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
    let printable = prepare(
        &text,
        &PrintLimits {
            width_dots: 570,
            ..LIMITS
        },
    )
    .unwrap();
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

/// One small file of each kind.
fn files() -> Vec<Vec<u8>> {
    let image = fixture::squares();
    vec![
        grey_png(&image),
        fixture::png(&image, png::ColorType::Indexed, png::BitDepth::Four),
        fixture::interlaced_png(&image),
        fixture::jpeg(&image, 1, false),
        fixture::jpeg(&image, 3, false),
        fixture::jpeg(&image, 3, true),
        fixture::jpeg(&image, 4, false),
        fixture::bmp(&image, Bmp::Indexed(1)),
        fixture::bmp(&image, Bmp::Indexed(8)),
        fixture::bmp(&image, Bmp::Rgb565),
        fixture::bmp(&image, Bmp::Alpha),
        fixture::bmp(&image, Bmp::Rle8),
        fixture::bmp(&image, Bmp::Core),
    ]
}

#[test]
fn an_image_cut_short_anywhere_is_refused_unless_no_pixel_is_missing() {
    for (kind, file) in files().into_iter().enumerate() {
        let whole = prepared(&file);
        for len in 1..file.len() {
            match prepare(&base64(&file[..len]), &LIMITS) {
                // BMP's run-length encoding ends with a mark that says nothing.
                Ok(printable) => assert!(
                    printable == whole && file.len() - len <= 2,
                    "file {kind} at {len}"
                ),
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
        let mut file = files().swap_remove(kind);
        for (at, byte) in damage {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if let Ok(printable) = prepare(&base64(&file), &LIMITS) {
            prop_assert_eq!(printable.rejoined().unwrap().height_dots(), printable.height_dots);
        }
    }
}
