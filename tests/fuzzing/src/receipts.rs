//! Images to print. The first byte tells whether the rest is base64 text or the image itself.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use pos_connect::acquirer::Acquirer;
use pos_connect::receipt::{MAX_HEIGHT_DOTS, prepare};

use crate::returns::stone;

/// Every code that a receipt can be refused with.
const CODES: [&str; 11] = [
    "empty",
    "text_too_long",
    "not_base64",
    "unknown_format",
    "unsupported_image",
    "damaged_image",
    "too_many_pixels",
    "too_wide",
    "too_tall",
    "blank",
    "printer_limits",
];

/// Checks one image.
pub fn check(data: &[u8]) -> bool {
    let Some((choice, rest)) = data.split_first() else {
        return false;
    };
    let text =
        if *choice % 2 == 0 { String::from_utf8_lossy(rest).into_owned() } else { STANDARD.encode(rest) };
    let stone = stone();
    let limits = stone.capabilities().print.expect("Stone prints");
    match prepare(&text, &limits) {
        Ok(printable) => {
            assert_eq!(printable.width_dots, limits.width_dots);
            assert!((1..=MAX_HEIGHT_DOTS).contains(&printable.height_dots), "{}", printable.height_dots);
            let mut row = 0;
            for slice in &printable.slices {
                assert_eq!(slice.first_row, row, "slices follow each other");
                assert!((1..=limits.slice_height_dots).contains(&slice.height_dots));
                row += slice.height_dots;
            }
            assert_eq!(row, printable.height_dots);
            let paper = printable.rejoined().expect("slices are read as a printer reads them");
            assert_eq!((paper.width_dots(), paper.height_dots()), (limits.width_dots, row));
            for request in printable.requests() {
                let pngs: Vec<Vec<u8>> = request.iter().map(|slice| slice.png.clone()).collect();
                stone.print_uri(&pngs).expect("a request fits");
            }
            true
        }
        Err(problem) => {
            assert!(CODES.contains(&problem.code()), "{}", problem.code());
            assert!(!problem.sentence().is_empty());
            false
        }
    }
}
