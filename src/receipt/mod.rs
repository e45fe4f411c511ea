//! A fiscal receipt's image, made printable.
//!
//! The PDV sends base64 text that should be a PNG, JPEG or BMP. The printer takes black and white dots, exactly as many
//! in a row as its head has, in pieces that fit through Android's binder. [`prepare`] goes from one to the other in five
//! steps, one file each:
//!
//! 1. [`base64_text`]: text to bytes, forgiving about prefixes and line breaks, not about size;
//! 2. [`decode`]: bytes to 8-bit grey over white paper, with every budget checked from the header before a pixel is
//!    decoded;
//! 3. [`width`]: to the printer's width, by whole factors, margins and padding only: a QR code that is scaled by a
//!    fraction cannot be read any more;
//! 4. [`tone`]: grey to black and white, crisp for text and codes, dithered for logos;
//! 5. [`mod@slice`]: cut where the paper is blank, encoded as small PNGs, grouped into print requests.
//!
//! Pure code: no clock, no file, no network, no log. May import `acquirer` (for [`PrintLimits`]) and nothing else of the
//! agent. Every failure is a [`ReceiptProblem`] with a stable code and a sentence for the operator; a bad image never
//! panics and never touches the payment.

mod base64_text;
mod bitmap;
mod decode;
mod grey;
mod problem;
mod slice;
mod tone;
mod width;

#[cfg(test)]
mod tests;

use std::fmt;

pub use self::bitmap::{Bitmap, NotASlice, decode_slice};
pub use self::problem::{ImageFormat, ReceiptProblem};
use crate::acquirer::PrintLimits;

/// Longest base64 text taken, in bytes: a BMP of 384 by 3,000 in 32 bits just fits; PNGs are a fiftieth of it.
pub const MAX_BASE64_BYTES: usize = 6 * 1024 * 1024;
/// Most pixels an image may declare: a receipt of 388 by [`MAX_HEIGHT_DOTS`], with a little room.
pub const MAX_PIXELS: u64 = 4_800_000;
/// Most memory in bytes that decoding may take, by the header's own figures: 5 % of a 1 GB terminal.
pub const MAX_DECODE_BYTES: u64 = 48 * 1024 * 1024;
/// Tallest receipt printed, in dots: 1.5 m of paper at 8 dots/mm, some 200 items.
pub const MAX_HEIGHT_DOTS: u32 = 12_000;

/// Makes a receipt printable, or says why it cannot be.
///
/// The same text and limits always give the same bytes.
pub fn prepare(base64_text: &str, limits: &PrintLimits) -> Result<Printable, ReceiptProblem> {
    let limits = slice::CheckedLimits::new(limits)?;
    let bytes = base64_text::to_bytes(base64_text)?;
    let image = decode::to_grey(&bytes)?;
    drop(bytes);
    let image = width::fit(image, limits.width())?;
    let bitmap = tone::to_bitmap(&image).without_blank_tail();
    drop(image);
    if bitmap.height_dots() == 0 {
        return Err(ReceiptProblem::Blank);
    }
    Ok(Printable {
        width_dots: bitmap.width_dots(),
        height_dots: bitmap.height_dots(),
        slices: slice::cut(&bitmap, &limits)?,
        limits,
    })
}

/// A receipt that the printer can take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printable {
    /// Width in dots: the printer's.
    pub width_dots: u32,
    /// Height in dots of all slices together.
    pub height_dots: u32,
    /// The pieces, from top to bottom, without gaps.
    pub slices: Vec<Slice>,
    limits: slice::CheckedLimits,
}

impl Printable {
    /// The slices in order, grouped so that each group fits into one print request.
    ///
    /// Counted as base64 with `+`, `/` and `=` percent-encoded, which is how an image travels in a URI.
    pub fn requests(&self) -> Vec<&[Slice]> {
        slice::group(&self.slices, &self.limits)
    }

    /// The paper as it comes out of the printer.
    pub fn rejoined(&self) -> Result<Bitmap, NotASlice> {
        let parts =
            self.slices.iter().map(|slice| decode_slice(&slice.png)).collect::<Result<Vec<_>, _>>()?;
        Ok(Bitmap::stacked(self.width_dots, &parts))
    }
}

/// A piece of a receipt.
#[derive(Clone, PartialEq, Eq)]
pub struct Slice {
    /// Which row of the receipt it begins with.
    pub first_row: u32,
    /// Its height in dots.
    pub height_dots: u32,
    /// The dots: a grey PNG with 1 bit per pixel.
    pub png: Vec<u8>,
}

impl fmt::Debug for Slice {
    /// Without the image: a receipt's content never reaches a log.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slice")
            .field("first_row", &self.first_row)
            .field("height_dots", &self.height_dots)
            .field("png_bytes", &self.png.len())
            .finish()
    }
}
