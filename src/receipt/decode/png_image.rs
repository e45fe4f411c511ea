//! PNG: every colour type and depth, interlaced or not.

use std::io::Cursor;

use png::{BitDepth, ColorType, Decoder, DecodingError, Limits, Transformations};

use super::super::MAX_DECODE_BYTES;
use super::super::grey::Grey;
use super::super::problem::{ImageFormat, ReceiptProblem};
use super::{Layout, check_budget};

/// Decodes a PNG to its end; an image that is cut short is damaged.
pub(super) fn to_grey(bytes: &[u8]) -> Result<Grey, ReceiptProblem> {
    let limits = Limits { bytes: usize::try_from(MAX_DECODE_BYTES).expect("48 MiB fit") };
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), limits);
    decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
    decoder.set_ignore_text_chunk(true);
    decoder.set_ignore_iccp_chunk(true);

    let header = decoder.read_header_info().map_err(problem)?;
    let (width, height) = header.size();
    let is_interlaced = header.interlaced;
    // Only an interlaced image is whole in memory, at most as 8-bit RGBA; any other passes row by row.
    let pixels = u64::from(width) * u64::from(height);
    check_budget(width, height, if is_interlaced { pixels * 5 } else { pixels })?;

    let mut reader = decoder.read_info().map_err(problem)?;
    let layout = layout(reader.output_color_type())?;
    let (width, height) = (width as usize, height as usize);
    let row_bytes = width * layout.bytes_per_pixel();
    let mut pixels = Vec::with_capacity(width * height);
    if is_interlaced {
        let mut samples = vec![0; row_bytes * height];
        if reader.output_buffer_size() != Some(samples.len()) {
            return Err(ReceiptProblem::damaged(
                ImageFormat::Png,
                "the rows have another size than declared",
            ));
        }
        reader.next_frame(&mut samples).map_err(problem)?;
        layout.append_grey(&samples, &mut pixels);
    } else {
        for _ in 0..height {
            let row = reader.next_row().map_err(problem)?;
            let samples = row.as_ref().map(|row| row.data()).filter(|samples| samples.len() == row_bytes);
            let samples =
                samples.ok_or_else(|| ReceiptProblem::damaged(ImageFormat::Png, "a row is missing"))?;
            layout.append_grey(samples, &mut pixels);
        }
    }
    reader.finish().map_err(problem)?;
    Ok(Grey { width, height, pixels })
}

fn layout((color, depth): (ColorType, BitDepth)) -> Result<Layout, ReceiptProblem> {
    let layout = match color {
        ColorType::Grayscale => Some(Layout::Grey),
        ColorType::GrayscaleAlpha => Some(Layout::GreyAlpha),
        ColorType::Rgb => Some(Layout::Rgb),
        ColorType::Rgba => Some(Layout::Rgba),
        ColorType::Indexed => None,
    };
    layout
        .filter(|_| depth == BitDepth::Eight)
        .ok_or_else(|| ReceiptProblem::unsupported(ImageFormat::Png, "the samples did not expand to 8 bits"))
}

fn problem(error: DecodingError) -> ReceiptProblem {
    ReceiptProblem::damaged(ImageFormat::Png, error)
}
