//! Bytes to grey pixels. What the bytes are is told by themselves, not by what they were declared to be.
//!
//! One file per format, each on a decoder that is kept up by others and was compared with an independent one on the
//! public test images. They are single crates where that buys something. `png` hands over one row at a time, so that a
//! colour receipt is never whole in memory. `jpeg-decoder` is slower than `zune-jpeg`, which `image` would bring, but
//! right: zune-jpeg 0.5.15 draws wrong pixels without an error when colours are sampled 4:1:0, or 4:4:0 and progressive.
//! `image` is used for BMP only, because the small BMP crates misread rows of 1 bit that need padding (zune-bmp) or know
//! neither 5-6-5 colours in the usual header nor OS/2 headers (tinybmp).

mod bmp_image;
mod jpeg_image;
mod png_image;

use super::grey::{Grey, luma, over_paper};
use super::problem::{ImageFormat, ReceiptProblem};
use super::{MAX_DECODE_BYTES, MAX_HEIGHT_DOTS, MAX_PIXELS};

/// Decodes PNG, JPEG or BMP within the budgets.
pub(super) fn to_grey(bytes: &[u8]) -> Result<Grey, ReceiptProblem> {
    match format_of(bytes) {
        Some(ImageFormat::Png) => png_image::to_grey(bytes),
        Some(ImageFormat::Jpeg) => jpeg_image::to_grey(bytes),
        Some(ImageFormat::Bmp) => bmp_image::to_grey(bytes),
        None => Err(ReceiptProblem::UnknownFormat),
    }
}

/// What the first bytes say.
fn format_of(bytes: &[u8]) -> Option<ImageFormat> {
    const MAGIC: [(&[u8], ImageFormat); 3] = [
        (b"\x89PNG\r\n\x1a\n", ImageFormat::Png),
        (b"\xff\xd8\xff", ImageFormat::Jpeg),
        (b"BM", ImageFormat::Bmp),
    ];
    MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|&(_, format)| format)
}

/// Most rows an image may declare: the tallest receipt, with every dot as a block of 4 by 4.
const MAX_ROWS: u32 = MAX_HEIGHT_DOTS * 4;

/// Refuses what the header declares above the budgets. `decode_bytes` is what decoding will allocate at once.
fn check_budget(width: u32, height: u32, decode_bytes: u64) -> Result<(), ReceiptProblem> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels > MAX_PIXELS || decode_bytes > MAX_DECODE_BYTES {
        return Err(ReceiptProblem::TooManyPixels { width, height });
    }
    if height > MAX_ROWS {
        return Err(ReceiptProblem::TooTall { height_dots: height });
    }
    Ok(())
}

/// How samples lie in a decoded row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Layout {
    Grey,
    GreyAlpha,
    Rgb,
    Rgba,
    /// 0 is no ink.
    Cmyk,
}

impl Layout {
    fn bytes_per_pixel(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::GreyAlpha => 2,
            Self::Rgb => 3,
            Self::Rgba | Self::Cmyk => 4,
        }
    }

    /// Appends the samples as grey over white paper.
    fn append_grey(self, samples: &[u8], grey: &mut Vec<u8>) {
        match self {
            Self::Grey => grey.extend_from_slice(samples),
            Self::GreyAlpha => {
                grey.extend(samples.as_chunks().0.iter().map(|&[level, alpha]| over_paper(level, alpha)));
            }
            Self::Rgb => grey.extend(samples.as_chunks().0.iter().map(|&rgb| luma(rgb))),
            Self::Rgba => {
                let pixels = samples.as_chunks().0.iter();
                grey.extend(
                    pixels.map(|&[red, green, blue, alpha]| over_paper(luma([red, green, blue]), alpha)),
                );
            }
            Self::Cmyk => {
                let pixels = samples.as_chunks().0.iter();
                // In amounts of ink: what black covers is full, what it leaves is as much as the colours.
                grey.extend(pixels.map(|&[cyan, magenta, yellow, black]| {
                    let colours = luma([cyan, magenta, yellow]);
                    !over_paper(colours, !black)
                }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_budget_is_a_matter_of_pixels_and_of_memory() {
        let code =
            |width, height, bytes| check_budget(width, height, bytes).map_err(|problem| problem.code());
        assert_eq!(code(384, 12_000, 384 * 12_000), Ok(()));
        assert_eq!(code(60_000, 60_000, 1), Err("too_many_pixels"));
        assert_eq!(code(u32::MAX, u32::MAX, 1), Err("too_many_pixels"));
        assert_eq!(code(1, 48_001, 1), Err("too_tall"));
        assert_eq!(code(1, 1, MAX_DECODE_BYTES + 1), Err("too_many_pixels"));
    }

    #[test]
    fn the_bytes_say_what_they_are() {
        for other in
            [&b""[..], b"B", b"<!DOCTYPE html>", b"%PDF-1.7", b"GIF89a", b"RIFF....WEBP", b"\x89PNG\n"]
        {
            assert_eq!(format_of(other), None);
        }
    }
}
