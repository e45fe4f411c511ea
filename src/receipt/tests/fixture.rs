//! Makes receipts and other pictures for tests, so that no binary file is kept.

use qrcode::{Color, EcLevel, QrCode};

use super::super::grey::{Grey, WHITE};
use crate::acquirer::PrintLimits;

/// Limits of a usual terminal.
pub(super) const LIMITS: PrintLimits =
    PrintLimits { width_dots: 384, slice_height_dots: 1_500, request_bytes: 200_000 };

/// What the QR code of an NFC-e says: 258 characters.
pub(super) const NFCE_URL: &str = "https://www.nfce.example.gov.br/qrcode/consulta?\
    chNFe=35260112345678000195650010000012341000012349&nVersao=100&tpAmb=1&\
    dhEmi=323032362d30312d31355431343a33323a31302d30333a3030&vNF=1234.56&vICMS=0.00&\
    digVal=6a6b6c6d6e6f707172737475767778797a3031&cIdToken=000001&cHashQRCode=A1B2C3D4E5F60718";

/// A receipt: a grey logo, lines of text, the QR code, taxes, white to the end.
pub(super) struct Receipt {
    pub(super) image: Grey,
    /// The rows that the QR code takes.
    pub(super) qr_rows: std::ops::Range<usize>,
}

/// The width of a usual receipt.
pub(super) const WIDTH: usize = 384;
const LOGO_ROWS: usize = 120;
const LINE_ROWS: usize = 24;
const QR_DOTS: usize = 5;

/// A receipt of 384 dots in width.
pub(super) fn receipt(height: usize) -> Receipt {
    let mut image = Grey { width: WIDTH, height, pixels: vec![WHITE; WIDTH * height] };
    let mut noise = Noise::new(7);
    for (y, x) in (0..LOGO_ROWS).flat_map(|y| (92..292).map(move |x| (y, x))) {
        image.pixels[y * WIDTH + x] = u8::try_from((x - 92) * 255 / 200).unwrap();
    }
    let code = QrCode::with_error_correction_level(NFCE_URL, EcLevel::M).unwrap();
    let qr_side = code.width() * QR_DOTS;
    let qr_top = height - qr_side - 12 * LINE_ROWS;
    let qr_rows = qr_top..qr_top + qr_side;
    for top in (LOGO_ROWS + 16..height - 40 - LINE_ROWS).step_by(LINE_ROWS) {
        if top + LINE_ROWS <= qr_top - 2 * QR_DOTS || top >= qr_rows.end + 2 * QR_DOTS {
            text_line(&mut image, top, &mut noise);
        }
    }
    let left = (WIDTH - qr_side) / 2;
    for (at, color) in code.to_colors().into_iter().enumerate() {
        let (module_x, module_y) = (at % code.width(), at / code.width());
        for (dx, dy) in (0..QR_DOTS).flat_map(|dx| (0..QR_DOTS).map(move |dy| (dx, dy))) {
            let (x, y) = (left + module_x * QR_DOTS + dx, qr_top + module_y * QR_DOTS + dy);
            image.pixels[y * WIDTH + x] = if color == Color::Dark { 0 } else { WHITE };
        }
    }
    Receipt { image, qr_rows }
}

/// A line of made-up letters of 5 by 7 strokes, with the grey edges of smoothed fonts.
fn text_line(image: &mut Grey, top: usize, noise: &mut Noise) {
    for cell in (0..image.width - 12).step_by(12) {
        let letter = noise.next();
        if letter.is_multiple_of(6) {
            continue;
        }
        for stroke in 0..35 {
            if letter >> (stroke % 31) & 1 == 0 {
                continue;
            }
            let (x, y) = (cell + stroke % 5 * 2, top + 4 + stroke / 5 * 2);
            for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                image.pixels[(y + dy) * image.width + x + dx] = 0;
            }
            let edge = &mut image.pixels[y * image.width + x + 2];
            *edge = (*edge).min(128);
        }
    }
}

/// Repeatable noise.
pub(super) struct Noise(u32);

impl Noise {
    pub(super) fn new(seed: u32) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.0 >> 1
    }
}

/// An image of noise, the worst for every compression.
pub(super) fn noise(width: usize, height: usize) -> Grey {
    let mut noise = Noise::new(1);
    let pixels = (0..width * height).map(|_| if noise.next() >> 16 & 1 == 0 { 0 } else { WHITE }).collect();
    Grey { width, height, pixels }
}

/// Black squares of 8 by 8 on white, in an odd size.
pub(super) fn squares() -> Grey {
    let (width, height) = (43, 29);
    let mut noise = Noise::new(3);
    let board: Vec<bool> = (0..64).map(|_| noise.next() >> 16 & 1 == 0).collect();
    let pixels = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .map(|(x, y)| if board[y / 8 * 8 + x / 8] { 0 } else { WHITE })
        .collect();
    Grey { width, height, pixels }
}
