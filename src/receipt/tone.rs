//! Grey to black and white: crisp for text and codes, dithered for logos.
//!
//! The page is taken apart at its blank rows into blocks: a line of text, a QR code, a logo. Within a block, bands of
//! 8 rows that hold areas of middle grey are drawn with an ordered dither; the others get one threshold for the whole
//! block, found by Otsu's method, so that a line of text has strokes of even weight. Ordered dither rather than error
//! diffusion: it never smears into what stands beside it, pure black and pure white stay exact, and rows do not depend
//! on each other.

use super::bitmap::{Bitmap, stride};
use super::grey::{Grey, PAPER, WHITE, is_paper};

/// Height in rows of a band that is drawn in one way: a period of the dither.
const BAND_ROWS: usize = 8;
/// Side in pixels of the areas whose grey counts. The grey edges of smoothed letters are one or two pixels wide and
/// never fill one.
const AREA_SIDE: usize = 4;
/// Greys that a threshold would falsify: darker looks black, lighter looks white.
const MIDDLE_GREYS: std::ops::RangeInclusive<u8> = 40..=208;
/// Areas of middle grey that make a band a picture: one letter 8 dots high and 12 wide in bold grey.
const PICTURE_AREAS: usize = 6;
/// Darker than this is black in a picture too, so that JPEG noise puts no white specks into black.
const BLACK: u8 = 24;

/// The image in black and white.
pub(super) fn to_bitmap(image: &Grey) -> Bitmap {
    let width_dots = u32::try_from(image.width).expect("the width is the printer's");
    let stride_bytes = stride(width_dots);
    let mut packed = vec![0; stride_bytes * image.height];
    let has_ink: Vec<bool> = image.rows().map(|row| !is_paper(row)).collect();
    let mut top = 0;
    for block in has_ink.chunk_by(|above, below| above == below) {
        let bottom = top + block.len();
        if block[0] {
            let pixels = &image.pixels[top * image.width..bottom * image.width];
            let target = &mut packed[top * stride_bytes..bottom * stride_bytes];
            draw_block(pixels, image.width, target);
        }
        top = bottom;
    }
    Bitmap::from_rows(width_dots, packed)
}

/// Draws the rows between two blank ones.
fn draw_block(pixels: &[u8], width: usize, target: &mut [u8]) {
    let bands = || pixels.chunks(width * BAND_ROWS);
    let pictures: Vec<bool> = bands().map(|band| is_picture(band, width)).collect();
    // The neighbours too: a round logo has little grey in its first and last rows.
    let dithered = |at: usize| pictures[at.saturating_sub(1)..pictures.len().min(at + 2)].contains(&true);
    let crisp = bands().enumerate().filter(|&(at, _)| !dithered(at)).map(|(_, band)| band);
    let threshold = [threshold(&Histogram::of(crisp)); 8];
    let stride_bytes = target.len() / (pixels.len() / width);
    for (at, (band, target)) in bands().zip(target.chunks_mut(stride_bytes * BAND_ROWS)).enumerate() {
        let is_dithered = dithered(at);
        for (y, (row, target)) in
            band.chunks_exact(width).zip(target.chunks_exact_mut(stride_bytes)).enumerate()
        {
            draw_row(row, if is_dithered { &DITHER[y] } else { &threshold }, target);
        }
    }
}

/// Black where a pixel is darker than the threshold of its column.
fn draw_row(row: &[u8], thresholds: &[u8; 8], target: &mut [u8]) {
    let (whole, rest) = row.as_chunks::<8>();
    for (pixels, byte) in whole.iter().zip(&mut *target) {
        *byte = pack(pixels, thresholds);
    }
    if let (false, Some(last)) = (rest.is_empty(), target.last_mut()) {
        let mut pixels = [WHITE; 8];
        pixels[..rest.len()].copy_from_slice(rest);
        *last = pack(&pixels, thresholds);
    }
}

fn pack(pixels: &[u8; 8], thresholds: &[u8; 8]) -> u8 {
    pixels.iter().zip(thresholds).fold(0, |byte, (pixel, threshold)| byte << 1 | u8::from(pixel < threshold))
}

/// True when a band holds areas of middle grey.
fn is_picture(band: &[u8], width: usize) -> bool {
    let mut areas = 0;
    for rows in band.chunks_exact(width * AREA_SIDE) {
        let (first, below) = rows.split_at(width);
        for x in (0..width.saturating_sub(AREA_SIDE - 1)).step_by(AREA_SIDE) {
            let is_middle =
                |row: &[u8]| row[x..x + AREA_SIDE].iter().all(|pixel| MIDDLE_GREYS.contains(pixel));
            // Most areas are white or black, which the first pixel tells.
            if MIDDLE_GREYS.contains(&first[x])
                && is_middle(first)
                && below.chunks_exact(width).all(is_middle)
            {
                areas += 1;
            }
        }
    }
    areas >= PICTURE_AREAS
}

/// How often each grey occurs.
struct Histogram([u32; 256]);

impl Histogram {
    fn of<'a>(bands: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut counts = [0; 256];
        for band in bands {
            let (words, rest) = band.as_chunks::<8>();
            for word in words {
                // Paper and solid ink come in long runs; counting them one by one is the slowest part of a receipt.
                match u64::from_ne_bytes(*word) {
                    u64::MAX => counts[255] += 8,
                    0 => counts[0] += 8,
                    _ => word.iter().for_each(|&pixel| counts[usize::from(pixel)] += 1),
                }
            }
            rest.iter().for_each(|&pixel| counts[usize::from(pixel)] += 1);
        }
        Self(counts)
    }
}

/// Below which grey a pixel is ink: Otsu's split of the histogram, moved up so that grey text on light paper stays
/// text, but never into the paper.
fn threshold(histogram: &Histogram) -> u8 {
    let bins: Vec<(f64, f64)> = (0_u8..=255)
        .map(|grey| (f64::from(grey), f64::from(histogram.0[usize::from(grey)])))
        .filter(|&(_, count)| count > 0.0)
        .collect();
    let total: f64 = bins.iter().map(|(_, count)| count).sum();
    let total_sum: f64 = bins.iter().map(|(grey, count)| grey * count).sum();
    let (mut count_below, mut sum_below) = (0.0, 0.0);
    // One grey alone is ink: blank rows never come here.
    let (mut best_spread, mut best) = (0.0, f64::from(PAPER));
    for pair in bins.windows(2) {
        let ((grey, count), (next_grey, _)) = (pair[0], pair[1]);
        count_below += count;
        sum_below += grey * count;
        let count_above = total - count_below;
        let mean_above = (total_sum - sum_below) / count_above;
        let distance = mean_above - sum_below / count_below;
        let spread = count_below * count_above * distance * distance;
        if spread > best_spread {
            best_spread = spread;
            best = f64::midpoint(grey, next_grey).max(mean_above * LIGHTEST_INK);
        }
    }
    // The largest byte that is not above it: the split lies between 0 and 255.
    (0..=PAPER).rev().find(|&grey| f64::from(grey) <= best).unwrap_or(PAPER)
}

/// Up to which share of the paper's lightness a grey is still ink. Thermal paper loses fine strokes rather than
/// closing them, so a stroke's smoothed edge belongs to the stroke.
const LIGHTEST_INK: f64 = 0.625;

/// The thresholds of an 8 by 8 ordered dither, between [`BLACK`] and [`PAPER`].
const DITHER: [[u8; 8]; BAND_ROWS] = {
    let mut thresholds = [[0; 8]; BAND_ROWS];
    let mut y = 0;
    while y < 8 {
        let mut x = 0;
        while x < 8 {
            thresholds[y][x] = dither_threshold(x, y);
            x += 1;
        }
        y += 1;
    }
    thresholds
};

/// Bayer's matrix: the bits of `x ^ y` and `y`, interleaved and reversed, give each of 0..64 once.
const fn dither_threshold(x: usize, y: usize) -> u8 {
    let mut rank = 0;
    let mut bit = 0;
    while bit < 3 {
        rank = rank << 2 | ((x ^ y) >> bit & 1) << 1 | y >> bit & 1;
        bit += 1;
    }
    let mut threshold = BLACK + 1;
    while rank > 0 {
        // 64 steps of 3.25 greys, without a division that would round to the same threshold twice.
        threshold += if rank % 4 == 0 { 4 } else { 3 };
        rank -= 1;
    }
    threshold
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn filled(width: usize, height: usize, grey: impl Fn(usize, usize) -> u8) -> Grey {
        let pixels =
            (0..height).flat_map(|y| (0..width).map(move |x| (x, y))).map(|(x, y)| grey(x, y)).collect();
        Grey { width, height, pixels }
    }

    fn black_dots(bitmap: &Bitmap) -> u32 {
        bitmap.rows().iter().map(|byte| byte.count_ones()).sum()
    }

    #[test]
    fn the_dither_has_64_levels_between_black_and_paper() {
        let levels: BTreeSet<u8> = DITHER.iter().flatten().copied().collect();
        assert_eq!(levels.len(), 64);
        assert!(levels.iter().all(|&level| level > BLACK && level <= PAPER), "{levels:?}");
    }

    #[test]
    fn a_grey_area_is_as_dark_on_paper_as_on_screen() {
        for (grey, percent) in
            [(48_u8, 75..=95), (96, 55..=75), (128, 40..=60), (160, 25..=45), (200, 8..=25)]
        {
            let bitmap = to_bitmap(&filled(64, 64, |_, _| grey));
            let black = black_dots(&bitmap) * 100 / (64 * 64);
            assert!(percent.contains(&black), "{grey}: {black} %");
        }
        assert_eq!(black_dots(&to_bitmap(&filled(64, 64, |_, _| 0))), 64 * 64);
        assert_eq!(black_dots(&to_bitmap(&filled(64, 64, |_, _| PAPER))), 0);
    }

    #[test]
    fn text_stays_text_whatever_its_grey() {
        for ink in [0_u8, 60, 120, 150, 180, 210, 225] {
            // Strokes two wide with a smoothed edge, between rows of paper.
            let smooth = ink.midpoint(255);
            let image = filled(64, 24, |x, y| match x % 6 {
                _ if !(4..20).contains(&y) => 255,
                1 | 2 => ink,
                3 if ink < 100 => smooth,
                _ => 255,
            });
            let bitmap = to_bitmap(&image);
            for (x, y) in (0..64).flat_map(|x| (0..24).map(move |y| (x, y))) {
                let is_stroke = (4..20).contains(&y) && matches!(x % 6, 1 | 2);
                let is_paper = !(4..20).contains(&y) || matches!(x % 6, 0 | 4 | 5);
                let is_black = bitmap.is_black(x, y);
                assert!(!is_stroke || is_black, "stroke of {ink} lost at {x},{y}");
                assert!(!is_paper || !is_black, "paper black at {x},{y} with ink {ink}");
            }
        }
    }

    #[test]
    fn grey_text_survives_beside_black_text_in_the_same_block() {
        let image = filled(96, 10, |x, _| match x % 12 {
            1 => 0,
            7 => 150,
            _ => 255,
        });
        let bitmap = to_bitmap(&image);
        assert!((0..96).all(|x| bitmap.is_black(x, 5) == matches!(x % 12, 1 | 7)));
    }

    #[test]
    fn a_logo_is_dithered_while_the_line_below_it_stays_crisp() {
        let image = filled(128, 60, |x, y| match y {
            0..=31 => u8::try_from(x * 2).unwrap(),
            40..=55 if x % 4 == 0 => 90,
            _ => 255,
        });
        let bitmap = to_bitmap(&image);
        // Dark and light greys are mixed from both colours, where a threshold would know one only.
        for (columns, percent) in [(32..48, 55..=85), (56..72, 35..=65), (80..96, 15..=45)] {
            let dots = columns.clone().flat_map(|x| (0..32).map(move |y| (x, y)));
            let black = dots.filter(|&(x, y)| bitmap.is_black(x, y)).count() * 100 / (16 * 32);
            assert!(percent.contains(&black), "{columns:?}: {black} %");
        }
        for (x, y) in (0..128).flat_map(|x| (40..56).map(move |y| (x, y))) {
            assert_eq!(bitmap.is_black(x, y), x % 4 == 0, "{x},{y}");
        }
    }

    #[test]
    fn a_width_that_is_no_multiple_of_8_leaves_the_spare_bits_white() {
        let bitmap = to_bitmap(&filled(13, 3, |_, _| 0));
        assert_eq!(bitmap.rows(), [0xff, 0xf8, 0xff, 0xf8, 0xff, 0xf8]);
    }
}
