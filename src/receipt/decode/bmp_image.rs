//! BMP: 1 to 32 bits, run-length encoded or not, top down or bottom up.

use std::io::Cursor;

use image::codecs::bmp::BmpDecoder;
use image::{ColorType, ImageDecoder as _, ImageError};

use super::super::grey::Grey;
use super::super::problem::{ImageFormat, ReceiptProblem};
use super::{Layout, check_budget};

/// Decodes a BMP.
pub(super) fn to_grey(bytes: &[u8]) -> Result<Grey, ReceiptProblem> {
    let decoder = BmpDecoder::new(Cursor::new(bytes)).map_err(problem)?;
    let (width, height) = decoder.dimensions();
    // The decoded samples and the grey copy.
    let pixels = u64::from(width) * u64::from(height);
    check_budget(width, height, decoder.total_bytes().saturating_add(pixels))?;
    if pixels == 0 {
        return Err(ReceiptProblem::damaged(ImageFormat::Bmp, "it has no pixels"));
    }

    let color = decoder.color_type();
    let layout = if color == ColorType::Rgb8 {
        Layout::Rgb
    } else if color == ColorType::Rgba8 {
        Layout::Rgba
    } else {
        return Err(ReceiptProblem::unsupported(ImageFormat::Bmp, "unknown colours"));
    };
    let (width, height) = (width as usize, height as usize);
    let mut samples = vec![0; width * height * layout.bytes_per_pixel()];
    decoder.read_image(&mut samples).map_err(problem)?;
    if layout == Layout::Rgba {
        ignore_unused_alpha(&mut samples);
    }

    let mut pixels = Vec::with_capacity(width * height);
    layout.append_grey(&samples, &mut pixels);
    Ok(Grey { width, height, pixels })
}

/// Many programs declare an alpha channel and leave it 0; such an image is opaque, not invisible.
fn ignore_unused_alpha(samples: &mut [u8]) {
    let pixels = samples.as_chunks_mut::<4>().0;
    if pixels.iter().all(|pixel| pixel[3] == 0) {
        for pixel in pixels {
            pixel[3] = u8::MAX;
        }
    }
}

fn problem(error: ImageError) -> ReceiptProblem {
    if matches!(error, ImageError::Unsupported(_)) {
        ReceiptProblem::unsupported(ImageFormat::Bmp, error)
    } else {
        ReceiptProblem::damaged(ImageFormat::Bmp, error)
    }
}
