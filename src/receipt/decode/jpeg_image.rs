//! JPEG: grey, colour and CMYK, baseline and progressive, with every sampling of the colours.

use jpeg_decoder::{Decoder, Error, PixelFormat};

use super::super::MAX_DECODE_BYTES;
use super::super::grey::Grey;
use super::super::problem::{ImageFormat, ReceiptProblem};
use super::{Layout, check_budget};

/// Decodes a JPEG to its end; an image that is cut short is damaged.
pub(super) fn to_grey(bytes: &[u8]) -> Result<Grey, ReceiptProblem> {
    if !has_end(bytes) {
        return Err(ReceiptProblem::damaged(ImageFormat::Jpeg, "the end is missing"));
    }
    let mut decoder = Decoder::new(bytes);
    decoder.set_max_decoding_buffer_size(usize::try_from(MAX_DECODE_BYTES).expect("48 MiB fit"));
    decoder.read_info().map_err(problem)?;
    let info =
        decoder.info().ok_or_else(|| ReceiptProblem::damaged(ImageFormat::Jpeg, "there is no frame"))?;
    let (layout, components) = match info.pixel_format {
        PixelFormat::L8 => (Layout::Grey, 1),
        PixelFormat::RGB24 => (Layout::Rgb, 3),
        PixelFormat::CMYK32 => (Layout::Cmyk, 4),
        PixelFormat::L16 => {
            return Err(ReceiptProblem::unsupported(ImageFormat::Jpeg, "16 bits per sample"));
        }
    };
    // For each component its coefficients of 16 bits, its plane and its share of the samples; and the grey copy.
    let pixels = u64::from(info.width) * u64::from(info.height);
    check_budget(u32::from(info.width), u32::from(info.height), pixels * (4 * components + 1))?;
    let samples = decoder.decode().map_err(problem)?;

    let (width, height) = (usize::from(info.width), usize::from(info.height));
    if samples.len() != width * height * layout.bytes_per_pixel() {
        return Err(ReceiptProblem::damaged(ImageFormat::Jpeg, "the pixels have another size than declared"));
    }
    let pixels = if layout == Layout::Grey {
        samples
    } else {
        let mut pixels = Vec::with_capacity(width * height);
        layout.append_grey(&samples, &mut pixels);
        pixels
    };
    Ok(Grey { width, height, pixels })
}

/// True when an end marker follows the last scan: decoders make up what is missing in the last rows.
fn has_end(bytes: &[u8]) -> bool {
    let last = |marker: [u8; 2]| bytes.windows(2).rposition(|pair| pair == marker);
    last(END_OF_IMAGE) > last(START_OF_SCAN)
}

const START_OF_SCAN: [u8; 2] = [0xff, 0xda];
const END_OF_IMAGE: [u8; 2] = [0xff, 0xd9];

fn problem(error: Error) -> ReceiptProblem {
    if matches!(error, Error::Unsupported(_)) {
        ReceiptProblem::unsupported(ImageFormat::Jpeg, error)
    } else {
        ReceiptProblem::damaged(ImageFormat::Jpeg, error)
    }
}
