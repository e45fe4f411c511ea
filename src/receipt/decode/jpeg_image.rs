//! JPEG: grey, colour and CMYK, baseline and progressive.

use zune_core::bytestream::ZCursor;
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;
use zune_jpeg::errors::DecodeErrors;

use super::super::grey::Grey;
use super::super::problem::{ImageFormat, ReceiptProblem};
use super::{Layout, check_budget};

/// Most scans of a progressive image: encoders use about ten; each costs a pass over all coefficients.
const MAX_SCANS: usize = 32;
/// Largest side that the format can declare; the budget is checked after the header, with a better answer.
const MAX_SIDE: usize = 65_535;

/// Decodes a JPEG. Strictly: a lenient decoder fills what is missing with grey, and half a receipt is not a receipt.
pub(super) fn to_grey(bytes: &[u8]) -> Result<Grey, ReceiptProblem> {
    if !has_end(bytes) {
        return Err(ReceiptProblem::damaged(ImageFormat::Jpeg, "the end is missing"));
    }
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(MAX_SIDE)
        .set_max_height(MAX_SIDE)
        .jpeg_set_max_scans(MAX_SCANS);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(problem)?;

    let info = decoder
        .info()
        .ok_or_else(|| ReceiptProblem::damaged(ImageFormat::Jpeg, "no header"))?;
    let (width, height) = (u32::from(info.width), u32::from(info.height));
    // Coefficients of 16 bits for each component, the decoded samples (at most RGB), and the grey copy.
    let bytes_per_pixel = u64::from(info.components) * 2 + 4;
    check_budget(
        width,
        height,
        u64::from(width) * u64::from(height) * bytes_per_pixel,
    )?;

    let input = decoder.input_colorspace();
    let (output, layout) = if matches!(input, Some(ColorSpace::Luma | ColorSpace::YCbCr)) {
        (ColorSpace::Luma, Layout::Grey)
    } else if matches!(input, Some(ColorSpace::RGB | ColorSpace::CMYK | ColorSpace::YCCK)) {
        (ColorSpace::RGB, Layout::Rgb)
    } else {
        return Err(ReceiptProblem::unsupported(ImageFormat::Jpeg, "unknown colours"));
    };
    decoder.set_options(options.jpeg_set_out_colorspace(output));
    let samples = decoder.decode().map_err(problem)?;

    let (width, height) = (width as usize, height as usize);
    if samples.len() != width * height * layout.bytes_per_pixel() {
        return Err(ReceiptProblem::damaged(
            ImageFormat::Jpeg,
            "the pixels have another size than declared",
        ));
    }
    let pixels = match layout {
        Layout::Grey => samples,
        Layout::GreyAlpha | Layout::Rgb | Layout::Rgba => {
            let mut pixels = Vec::with_capacity(width * height);
            layout.append_grey(&samples, &mut pixels);
            pixels
        }
    };
    Ok(Grey {
        width,
        height,
        pixels,
    })
}

/// True when an end marker follows the last scan: even the strict decoder accepts an image whose last bytes are missing.
fn has_end(bytes: &[u8]) -> bool {
    let last = |marker: [u8; 2]| bytes.windows(2).rposition(|pair| pair == marker);
    last(END_OF_IMAGE) > last(START_OF_SCAN)
}

const START_OF_SCAN: [u8; 2] = [0xff, 0xda];
const END_OF_IMAGE: [u8; 2] = [0xff, 0xd9];

fn problem(error: DecodeErrors) -> ReceiptProblem {
    if matches!(error, DecodeErrors::Unsupported(_)) {
        ReceiptProblem::unsupported(ImageFormat::Jpeg, error)
    } else {
        ReceiptProblem::damaged(ImageFormat::Jpeg, error)
    }
}
