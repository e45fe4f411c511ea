//! Cuts a receipt into pieces that the printer takes, and groups them into print requests.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use png::{BitDepth, ColorType, DeflateCompression, Filter};

use super::bitmap::{Bitmap, flip_ink};
use super::{ReceiptProblem, Slice};
use crate::acquirer::PrintLimits;

/// Bytes of a request beside its images: scheme, host, parameter names and the address to return to.
const REQUEST_OVERHEAD_BYTES: usize = 512;
/// Bytes of a request for each image beside its base64: JSON around it, percent-encoded (60 bytes for Stone).
const SLICE_OVERHEAD_BYTES: usize = 96;
/// Below a quarter of its allowed height a slice is not shortened for the sake of a blank row: a QR code is at most as
/// tall as the paper is wide, and stays whole with room to spare.
const SHORTEST_SHARE: usize = 4;
/// Effort of the compression. Measured on receipts: level 3 makes files a tenth smaller in twice the time, and filters
/// make dots larger.
const DEFLATE_LEVEL: u8 = 1;
/// Widest printer served, in dots.
pub(super) const MAX_WIDTH_DOTS: u32 = 4_096;

/// Print limits that leave room for an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CheckedLimits {
    width: usize,
    slice_rows: usize,
    images_bytes: usize,
}

impl CheckedLimits {
    pub(super) fn new(limits: &PrintLimits) -> Result<Self, ReceiptProblem> {
        let images_bytes = limits.request_bytes.saturating_sub(REQUEST_OVERHEAD_BYTES);
        if limits.width_dots == 0
            || limits.width_dots > MAX_WIDTH_DOTS
            || limits.slice_height_dots == 0
            || images_bytes == 0
        {
            return Err(ReceiptProblem::PrinterLimits);
        }
        Ok(Self {
            width: limits.width_dots as usize,
            slice_rows: limits.slice_height_dots as usize,
            images_bytes,
        })
    }

    /// The printer's width in dots.
    pub(super) fn width(&self) -> usize {
        self.width
    }
}

/// Cuts a bitmap into slices, each within the limits.
pub(super) fn cut(bitmap: &Bitmap, limits: &CheckedLimits) -> Result<Vec<Slice>, ReceiptProblem> {
    let ink: Vec<u32> = bitmap
        .rows()
        .chunks_exact(bitmap.stride_bytes())
        .map(|row| row.iter().map(|byte| byte.count_ones()).sum())
        .collect();
    let mut slices = Vec::new();
    let mut top = 0;
    let mut allowed_rows = limits.slice_rows;
    while top < ink.len() {
        let rows = rows_of_slice(&ink[top..], allowed_rows);
        let slice = encode(bitmap, top, rows);
        if request_share(&slice) <= limits.images_bytes {
            slices.push(slice);
            top += rows;
            // What follows is probably as dense: growing again by steps saves encoding it many times.
            allowed_rows = (allowed_rows * 2).min(limits.slice_rows);
        } else if rows > 1 {
            allowed_rows = rows / 2;
        } else {
            return Err(ReceiptProblem::PrinterLimits);
        }
    }
    Ok(slices)
}

/// The height of the slice that begins a receipt with these counts of black dots: as tall as allowed, ended at the row
/// with the least ink, preferably the last of these.
fn rows_of_slice(ink: &[u32], allowed_rows: usize) -> usize {
    if ink.len() <= allowed_rows {
        return ink.len();
    }
    let shortest = allowed_rows.div_ceil(SHORTEST_SHARE);
    let rows = (shortest..=allowed_rows).rev().min_by_key(|&rows| ink[rows - 1]);
    rows.expect("a quarter of the height is not above the height")
}

/// Rows as a PNG.
fn encode(bitmap: &Bitmap, top: usize, rows: usize) -> Slice {
    let stride = bitmap.stride_bytes();
    let mut packed = bitmap.rows()[top * stride..(top + rows) * stride].to_vec();
    flip_ink(bitmap.width_dots(), &mut packed);
    let height_dots = u32::try_from(rows).expect("a slice is not taller than the receipt");
    let mut png = Vec::with_capacity(packed.len() / 4);
    let mut encoder = png::Encoder::new(&mut png, bitmap.width_dots(), height_dots);
    encoder.set_color(ColorType::Grayscale);
    encoder.set_depth(BitDepth::One);
    encoder.set_deflate_compression(DeflateCompression::Level(DEFLATE_LEVEL));
    encoder.set_filter(Filter::NoFilter);
    encoder
        .write_header()
        .and_then(|mut writer| {
            writer.write_image_data(&packed)?;
            writer.finish()
        })
        .expect("writing to memory cannot fail and the rows have the declared size");
    Slice { first_row: u32::try_from(top).expect("a receipt is not that tall"), height_dots, png }
}

/// Consecutive slices, as many together as a request carries.
pub(super) fn group<'a>(slices: &'a [Slice], limits: &CheckedLimits) -> Vec<&'a [Slice]> {
    let mut groups = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (at, slice) in slices.iter().enumerate() {
        let share = request_share(slice);
        if at > start && bytes + share > limits.images_bytes {
            groups.push(&slices[start..at]);
            (start, bytes) = (at, 0);
        }
        bytes += share;
    }
    if start < slices.len() {
        groups.push(&slices[start..]);
    }
    groups
}

/// Bytes that a slice adds to a request.
fn request_share(slice: &Slice) -> usize {
    percent_encoded_base64_len(&slice.png) + SLICE_OVERHEAD_BYTES
}

/// Length of base64 in a URI: `+`, `/` and `=` take three bytes each.
fn percent_encoded_base64_len(bytes: &[u8]) -> usize {
    /// Whole groups of three, so that only the last piece is padded.
    const PIECE_BYTES: usize = 3 * 1024;
    let mut text = [0; PIECE_BYTES / 3 * 4];
    bytes
        .chunks(PIECE_BYTES)
        .map(|piece| {
            let len = STANDARD.encode_slice(piece, &mut text).expect("three bytes become four");
            len + 2 * text[..len].iter().filter(|&&symbol| matches!(symbol, b'+' | b'/' | b'=')).count()
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_length_in_a_uri_is_counted_exactly() {
        let encoded_len = |bytes: &[u8]| {
            STANDARD.encode(bytes).replace('+', "%2B").replace('/', "%2F").replace('=', "%3D").len()
        };
        let mut state = 1_u32;
        for len in [0, 1, 2, 3, 4, 3_071, 3_072, 3_073, 10_000] {
            let bytes: Vec<u8> = (0..len)
                .map(|_| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    state.to_le_bytes()[3]
                })
                .collect();
            assert_eq!(percent_encoded_base64_len(&bytes), encoded_len(&bytes), "{len}");
        }
        let worst = [0xff; 3_000];
        assert_eq!(percent_encoded_base64_len(&worst), encoded_len(&worst));
        assert_eq!(encoded_len(&worst), 12_000);
    }

    #[test]
    fn a_cut_looks_for_the_last_row_with_the_least_ink() {
        assert_eq!(rows_of_slice(&[9; 10], 10), 10);
        assert_eq!(rows_of_slice(&[9; 11], 10), 10);
        assert_eq!(rows_of_slice(&[9, 9, 9, 9, 0, 0, 9, 9, 9, 9, 9], 8), 6);
        assert_eq!(rows_of_slice(&[9, 9, 9, 9, 2, 9, 9, 9, 9, 9, 9], 8), 5);
        assert_eq!(rows_of_slice(&[0, 9, 9, 9, 9, 9, 9, 9, 9], 8), 8, "too early to cut");
        assert_eq!(rows_of_slice(&[9, 9], 1), 1);
    }

    #[test]
    fn limits_without_room_for_an_image_are_refused() {
        let limits = |width_dots, slice_height_dots, request_bytes| {
            CheckedLimits::new(&PrintLimits { width_dots, slice_height_dots, request_bytes }).map(|_| ())
        };
        assert!(limits(384, 1_500, 200_000).is_ok());
        for refused in [
            limits(0, 1_500, 200_000),
            limits(u32::MAX, 1_500, 200_000),
            limits(384, 0, 200_000),
            limits(384, 1_500, REQUEST_OVERHEAD_BYTES),
        ] {
            assert_eq!(refused.unwrap_err().code(), "printer_limits");
        }
    }
}
