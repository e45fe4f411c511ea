//! A fiscal receipt as a PDV sends it, and an eye that is not ours to read its QR code on the paper.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use qrcode::{Color, EcLevel, QrCode};

/// Dots across the paper.
pub const WIDTH_DOTS: usize = 384;
/// A long receipt of a large sale.
pub const HEIGHT_DOTS: usize = 3_000;
/// Dots of one module of the QR code: 25 mm at 8 dots/mm need at least 200 dots.
const MODULE_DOTS: usize = 4;
/// What the NFC-e's QR code says (the shape of SEFAZ-SP's address).
pub const QR_TEXT: &str = "https://www.homologacao.nfce.fazenda.sp.gov.br/qrcode?p=35260512345678000199650010000001231000001239|2|2|1|ABCDEF0123456789ABCDEF0123456789ABCDEF01";

/// A receipt of 384 x 3,000 dots with text-like lines and a QR code across a cut of 1,500 dots, as grey PNG in base64.
///
/// # Panics
/// Never: the content is fixed.
#[must_use]
pub fn long_receipt() -> String {
    let mut grey = vec![255_u8; WIDTH_DOTS * HEIGHT_DOTS];
    for line in 0..HEIGHT_DOTS / 24 {
        text_like_line(&mut grey, line);
    }
    // Over the middle, where a printer that takes 1,500 dots at once must cut.
    draw_qr(&mut grey, QR_TEXT, HEIGHT_DOTS / 2 - 130);
    STANDARD.encode(grey_png(WIDTH_DOTS, HEIGHT_DOTS, &grey))
}

/// Every QR code that an independent decoder finds on a paper (PNG bytes).
///
/// # Panics
/// When the bytes are no PNG.
#[must_use]
pub fn read_qr_codes(paper_png: &[u8]) -> Vec<String> {
    let (width, height, grey) = decode_grey(paper_png);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| grey[y * width + x]);
    image.detect_grids().iter().filter_map(|grid| grid.decode().ok().map(|(_, text)| text)).collect()
}

/// Width and height of a PNG in dots, and how many of its dots are black.
///
/// # Panics
/// When the bytes are no PNG.
#[must_use]
pub fn measure(paper_png: &[u8]) -> (usize, usize, usize) {
    let (width, height, grey) = decode_grey(paper_png);
    (width, height, grey.iter().filter(|dot| **dot < 128).count())
}

/// A grey PNG.
///
/// # Panics
/// When `grey` is not `width` times `height` bytes.
#[must_use]
pub fn grey_png(width: usize, height: usize, grey: &[u8]) -> Vec<u8> {
    let mut bytes = vec![];
    let side = |dots: usize| u32::try_from(dots).expect("a receipt is smaller than 2^32 dots");
    let mut encoder = png::Encoder::new(&mut bytes, side(width), side(height));
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().expect("the header is written to memory");
    writer.write_image_data(grey).expect("the image has width times height dots");
    writer.finish().expect("the image is written to memory");
    bytes
}

fn text_like_line(grey: &mut [u8], line: usize) {
    let top = line * 24 + 6;
    for letter in 0..(20 + line * 7 % 12) {
        for dot in 0..8 * 12 {
            let (x, y) = (letter * 11 + dot % 8 + 12, top + dot / 8);
            if (dot * 31 + letter * 17 + line * 13) % 5 < 2 && x < WIDTH_DOTS - 12 {
                grey[y * WIDTH_DOTS + x] = 0;
            }
        }
    }
}

fn draw_qr(grey: &mut [u8], text: &str, top: usize) {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).expect("the text fits a QR code");
    let modules = code.width();
    let side = (modules + 8) * MODULE_DOTS;
    let left = (WIDTH_DOTS - side) / 2;
    let colors = code.to_colors();
    for y in 0..side {
        for x in 0..side {
            let inside = |dot: usize| (dot / MODULE_DOTS).checked_sub(4).filter(|module| *module < modules);
            let dark = match (inside(x), inside(y)) {
                (Some(column), Some(row)) => colors[row * modules + column] == Color::Dark,
                _ => false,
            };
            grey[(top + y) * WIDTH_DOTS + left + x] = if dark { 0 } else { 255 };
        }
    }
}

fn decode_grey(bytes: &[u8]) -> (usize, usize, Vec<u8>) {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a paper fits memory")];
    let info = reader.next_frame(&mut pixels).expect("a whole PNG");
    let channels = info.color_type.samples();
    let grey = pixels[..info.buffer_size()].chunks(channels).map(|pixel| pixel[0]).collect();
    (info.width as usize, info.height as usize, grey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eye_reads_the_receipt_it_is_to_be_compared_with() {
        let png = STANDARD.decode(long_receipt()).unwrap();
        assert_eq!(read_qr_codes(&png), [QR_TEXT]);
        let (width, height, black) = measure(&png);
        assert_eq!((width, height), (WIDTH_DOTS, HEIGHT_DOTS));
        assert!(black > 50_000);
    }
}
