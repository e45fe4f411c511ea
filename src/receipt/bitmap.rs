//! Black and white dots, packed as a printer takes them.

use std::io::Cursor;

use super::slice::MAX_WIDTH_DOTS;
use super::{MAX_DECODE_BYTES, MAX_HEIGHT_DOTS};

/// Blank rows kept below the last ink, in dots: 2 mm, so that the tear bar does not touch it.
const TAIL_DOTS: usize = 16;

/// Black and white dots. Rows are packed 8 dots to a byte, the leftmost in the highest bit, 1 is black; the spare bits
/// at the end of a row are 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bitmap {
    width_dots: u32,
    rows: Vec<u8>,
}

impl Bitmap {
    /// Takes packed rows over.
    pub(super) fn from_rows(width_dots: u32, rows: Vec<u8>) -> Self {
        assert!(rows.len().is_multiple_of(stride(width_dots)), "rows are whole");
        Self { width_dots, rows }
    }

    /// Bitmaps of one width, one below the other.
    pub(super) fn stacked(width_dots: u32, parts: &[Self]) -> Self {
        Self::from_rows(width_dots, parts.iter().flat_map(|part| part.rows.iter().copied()).collect())
    }

    /// Width in dots.
    pub fn width_dots(&self) -> u32 {
        self.width_dots
    }

    /// Height in dots.
    pub fn height_dots(&self) -> u32 {
        u32::try_from(self.rows.len() / self.stride_bytes()).expect("a bitmap is far below 4 billion rows")
    }

    /// Bytes in a row.
    pub fn stride_bytes(&self) -> usize {
        stride(self.width_dots)
    }

    /// All rows, packed.
    pub fn rows(&self) -> &[u8] {
        &self.rows
    }

    /// True when the dot is black; outside everything is paper.
    pub fn is_black(&self, x: u32, y: u32) -> bool {
        if x >= self.width_dots || y >= self.height_dots() {
            return false;
        }
        let at = y as usize * self.stride_bytes() + x as usize / 8;
        self.rows[at] & (0x80 >> (x % 8)) != 0
    }

    /// Without the blank rows at the end, except a few; nothing at all when everything is blank.
    pub(super) fn without_blank_tail(mut self) -> Self {
        let stride = self.stride_bytes();
        let inked_rows = self.rows.iter().rposition(|&byte| byte != 0).map_or(0, |at| at / stride + 1);
        let kept_rows = if inked_rows == 0 { 0 } else { inked_rows + TAIL_DOTS };
        self.rows.truncate(kept_rows * stride);
        self
    }
}

/// Bytes in a packed row.
pub(super) fn stride(width_dots: u32) -> usize {
    assert!(width_dots > 0, "a bitmap has a width");
    width_dots.div_ceil(8) as usize
}

/// Reads a slice's PNG back into dots, as a printer does.
pub fn decode_slice(png: &[u8]) -> Result<Bitmap, NotASlice> {
    let limits = png::Limits { bytes: usize::try_from(MAX_DECODE_BYTES).expect("48 MiB fit") };
    let mut reader = png::Decoder::new_with_limits(Cursor::new(png), limits).read_info()?;
    let (width_dots, height_dots) = reader.info().size();
    let is_one_bit_grey = reader.output_color_type() == (png::ColorType::Grayscale, png::BitDepth::One);
    if !is_one_bit_grey || width_dots > MAX_WIDTH_DOTS || height_dots > MAX_HEIGHT_DOTS {
        return Err(NotASlice::Other);
    }
    let mut rows = vec![0; stride(width_dots) * height_dots as usize];
    if reader.output_buffer_size() != Some(rows.len()) {
        return Err(NotASlice::Other);
    }
    reader.next_frame(&mut rows)?;
    flip_ink(width_dots, &mut rows);
    Ok(Bitmap::from_rows(width_dots, rows))
}

/// Between our 1 for black and PNG's 1 for white; spare bits become 0.
pub(super) fn flip_ink(width_dots: u32, rows: &mut [u8]) {
    let spare_bits = stride(width_dots) * 8 - width_dots as usize;
    for row in rows.chunks_exact_mut(stride(width_dots)) {
        for byte in row.iter_mut() {
            *byte = !*byte;
        }
        if let Some(last) = row.last_mut() {
            *last = *last >> spare_bits << spare_bits;
        }
    }
}

/// The bytes are not a PNG as [`super::prepare`] makes them.
#[derive(Debug, thiserror::Error)]
pub enum NotASlice {
    /// Not a PNG that can be read.
    #[error("the slice cannot be read")]
    Unreadable(#[from] png::DecodingError),
    /// Another kind of PNG.
    #[error("the PNG is not a slice: it must be grey with 1 bit per pixel, and no larger than a receipt")]
    Other,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dot_is_found_where_it_was_packed_and_nowhere_else() {
        let bitmap = Bitmap::from_rows(10, vec![0b1000_0001, 0b0100_0000, 0, 0]);
        let black: Vec<(u32, u32)> = (0..4)
            .flat_map(|y| (0..20).map(move |x| (x, y)))
            .filter(|&(x, y)| bitmap.is_black(x, y))
            .collect();
        assert_eq!(black, [(0, 0), (7, 0), (9, 0)]);
        assert_eq!((bitmap.width_dots(), bitmap.height_dots(), bitmap.stride_bytes()), (10, 2, 2));
    }

    #[test]
    fn a_blank_tail_is_cut_to_a_few_rows() {
        let mut rows = vec![0; 100];
        rows[40] = 1;
        assert_eq!(Bitmap::from_rows(8, rows.clone()).without_blank_tail().height_dots(), 57);
        rows[95] = 1;
        assert_eq!(Bitmap::from_rows(8, rows).without_blank_tail().height_dots(), 100);
        assert_eq!(Bitmap::from_rows(8, vec![0; 50]).without_blank_tail().height_dots(), 0);
    }

    #[test]
    fn something_else_is_not_read_as_a_slice() {
        assert!(matches!(decode_slice(b""), Err(NotASlice::Unreadable(_))));
        assert!(matches!(decode_slice(b"not a png"), Err(NotASlice::Unreadable(_))));
        let mut png = Vec::new();
        let mut writer = png::Encoder::new(&mut png, 2, 1).write_header().unwrap();
        writer.write_image_data(&[0, 255]).unwrap();
        writer.finish().unwrap();
        assert!(matches!(decode_slice(&png), Err(NotASlice::Other)));
    }
}
