//! To the printer's width without ever scaling by a fraction.
//!
//! A QR code survives whole factors, cropping and padding; at 0.9 of its size its modules get uneven widths and readers
//! give up. So an image that cannot be brought to the width exactly is refused: the PDV can render it narrower, a
//! customer cannot repair an unreadable code.

use super::grey::{Grey, PAPER, WHITE};
use super::{MAX_HEIGHT_DOTS, ReceiptProblem};

/// Largest enlargement: beyond it a tiny image is a stamp, not a receipt.
const MAX_ENLARGEMENT: usize = 4;
/// Largest exact reduction tried: 4 times 384 is already the widest image that a renderer makes.
const MAX_REDUCTION: usize = 4;
/// Largest difference of grey within a block that was one dot before somebody enlarged it: JPEG noise stays below, the
/// edge of a letter does not.
const BLOCK_NOISE: u8 = 64;

/// The image at exactly `width` dots, not above [`MAX_HEIGHT_DOTS`] in height.
pub(super) fn fit(image: Grey, width: usize) -> Result<Grey, ReceiptProblem> {
    let image = if image.width > width {
        narrow(image, width)?
    } else {
        let factor = enlargement(&image, width);
        enlarge(image, factor)
    };
    // Before padding: a column one pixel wide may be millions of rows tall.
    if image.height > MAX_HEIGHT_DOTS as usize {
        return Err(ReceiptProblem::TooTall { height_dots: dots(image.height) });
    }
    Ok(pad(image, width))
}

/// How many times as large the image can be printed.
fn enlargement(image: &Grey, width: usize) -> usize {
    let by_width = width / image.width;
    let by_height = MAX_HEIGHT_DOTS as usize / image.height;
    by_width.min(by_height).clamp(1, MAX_ENLARGEMENT)
}

/// Every dot as a block of `factor` by `factor`.
fn enlarge(image: Grey, factor: usize) -> Grey {
    if factor == 1 {
        return image;
    }
    let mut pixels = Vec::with_capacity(image.pixels.len() * factor * factor);
    for row in image.rows() {
        let start = pixels.len();
        pixels.extend(row.iter().flat_map(|&pixel| std::iter::repeat_n(pixel, factor)));
        let end = pixels.len();
        for _ in 1..factor {
            pixels.extend_from_within(start..end);
        }
    }
    Grey { width: image.width * factor, height: image.height * factor, pixels }
}

/// White at both sides up to `width`.
fn pad(image: Grey, width: usize) -> Grey {
    if image.width == width {
        return image;
    }
    let left = (width - image.width) / 2;
    let mut pixels = vec![WHITE; width * image.height];
    for (row, target) in image.rows().zip(pixels.chunks_exact_mut(width)) {
        target[left..left + image.width].copy_from_slice(row);
    }
    Grey { width, height: image.height, pixels }
}

/// Not above `width`: by cropping white margins, or else by the smallest exact reduction.
fn narrow(image: Grey, width: usize) -> Result<Grey, ReceiptProblem> {
    let ink = ink_columns(&image).ok_or(ReceiptProblem::Blank)?;
    if ink.len() <= width {
        return Ok(crop(&image, &ink, width));
    }
    for factor in 2..=MAX_REDUCTION {
        let ink_blocks = ink.end.div_ceil(factor) - ink.start / factor;
        if ink_blocks > width || !is_made_of_blocks(&image, factor) {
            continue;
        }
        let reduced = reduce(&image, factor);
        if reduced.width <= width {
            return Ok(reduced);
        }
        return Ok(crop(&reduced, &(ink.start / factor..ink.start / factor + ink_blocks), width));
    }
    Err(ReceiptProblem::TooWide { ink_width: dots(ink.len()), width_dots: dots(width) })
}

/// From the first to the last column with ink.
fn ink_columns(image: &Grey) -> Option<std::ops::Range<usize>> {
    let mut darkest = vec![WHITE; image.width];
    for row in image.rows() {
        for (column, &pixel) in darkest.iter_mut().zip(row) {
            *column = (*column).min(pixel);
        }
    }
    let first = darkest.iter().position(|&pixel| pixel < PAPER)?;
    let last = darkest.iter().rposition(|&pixel| pixel < PAPER)?;
    Some(first..last + 1)
}

/// `width` columns around the ink, which stays in the middle as far as the image allows.
fn crop(image: &Grey, ink: &std::ops::Range<usize>, width: usize) -> Grey {
    let left = ink.start.saturating_sub((width - ink.len()) / 2).min(image.width - width);
    let pixels = image.rows().flat_map(|row| &row[left..left + width]).copied().collect();
    Grey { width, height: image.height, pixels }
}

/// True when every block of `factor` by `factor` was one dot before.
fn is_made_of_blocks(image: &Grey, factor: usize) -> bool {
    let (mut lightest, mut darkest) = (Vec::new(), Vec::new());
    image.pixels.chunks(image.width * factor).all(|band| {
        fold_rows(band, image.width, &mut lightest, u8::max);
        fold_rows(band, image.width, &mut darkest, u8::min);
        lightest.chunks(factor).zip(darkest.chunks(factor)).all(|(light, dark)| {
            let light = light.iter().copied().max().unwrap_or(WHITE);
            let dark = dark.iter().copied().min().unwrap_or(WHITE);
            light - dark <= BLOCK_NOISE
        })
    })
}

/// Folds the rows of a band into one row.
fn fold_rows(band: &[u8], width: usize, folded: &mut Vec<u8>, fold: fn(u8, u8) -> u8) {
    let (first, rest) = band.split_at(width);
    folded.clear();
    folded.extend_from_slice(first);
    for row in rest.chunks_exact(width) {
        for (target, &pixel) in folded.iter_mut().zip(row) {
            *target = fold(*target, pixel);
        }
    }
}

/// Every block of `factor` by `factor` as one dot, its mean.
fn reduce(image: &Grey, factor: usize) -> Grey {
    let width = image.width.div_ceil(factor);
    let height = image.height.div_ceil(factor);
    let mut pixels = Vec::with_capacity(width * height);
    let mut sums = vec![(0_u32, 0_u32); width];
    for band in image.pixels.chunks(image.width * factor) {
        sums.fill((0, 0));
        for row in band.chunks_exact(image.width) {
            for (block, (sum, count)) in row.chunks(factor).zip(&mut sums) {
                for &pixel in block {
                    *sum += u32::from(pixel);
                    *count += 1;
                }
            }
        }
        pixels.extend(
            sums.iter().map(|&(sum, count)| u8::try_from(sum / count).expect("a mean of bytes is a byte")),
        );
    }
    Grey { width, height, pixels }
}

fn dots(columns: usize) -> u32 {
    u32::try_from(columns).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// White, with a chessboard of `block` sized squares in the columns `ink`.
    fn chessboard(width: usize, ink: std::ops::Range<usize>, block: usize) -> Grey {
        let height = 24;
        let pixels = (0..height)
            .flat_map(|y| (0..width).map(move |x| (x, y)))
            .map(
                |(x, y)| {
                    if ink.contains(&x) && (x / block + y / block).is_multiple_of(2) { 0 } else { WHITE }
                },
            )
            .collect();
        Grey { width, height, pixels }
    }

    /// Left edge, right edge and height of what comes out.
    fn outcome(image: Grey) -> Result<(usize, usize, usize), &'static str> {
        let fitted = fit(image, 384).map_err(|problem| problem.code())?;
        assert_eq!((fitted.width, fitted.pixels.len()), (384, 384 * fitted.height));
        let ink = ink_columns(&fitted).ok_or("blank")?;
        Ok((ink.start, ink.end, fitted.height))
    }

    #[test]
    fn an_image_comes_to_the_width_by_whole_factors_crops_and_padding_only() {
        let table = [
            ("the width itself", chessboard(384, 0..384, 1), Ok((0, 384, 24))),
            ("a little narrower is centred", chessboard(380, 0..380, 1), Ok((2, 382, 24))),
            ("odd widths lean left", chessboard(381, 0..381, 1), Ok((1, 382, 24))),
            ("just above half is not enlarged", chessboard(193, 0..193, 1), Ok((95, 288, 24))),
            ("half is doubled", chessboard(192, 0..192, 1), Ok((0, 384, 48))),
            ("a third is tripled and centred", chessboard(120, 0..120, 1), Ok((12, 372, 72))),
            ("a stamp is not blown up", chessboard(20, 0..20, 1), Ok((152, 232, 96))),
            ("388 with margins is cropped", chessboard(388, 2..386, 1), Ok((0, 384, 24))),
            ("388 with one wide margin is cropped there", chessboard(388, 4..388, 1), Ok((0, 384, 24))),
            ("388 in full ink is refused", chessboard(388, 0..388, 1), Err("too_wide")),
            ("576 with wide margins is cropped", chessboard(576, 100..480, 1), Ok((2, 382, 24))),
            ("576 in full ink is refused", chessboard(576, 0..576, 1), Err("too_wide")),
            ("768 of doubled dots is halved", chessboard(768, 0..768, 2), Ok((0, 384, 12))),
            ("768 of single dots is refused", chessboard(768, 0..768, 1), Err("too_wide")),
            ("800 of doubled dots is halved and cropped", chessboard(800, 20..780, 2), Ok((2, 382, 12))),
            ("600 of doubled dots is halved and centred", chessboard(600, 0..600, 2), Ok((42, 342, 12))),
            ("1152 of tripled dots", chessboard(1152, 0..1152, 3), Ok((0, 384, 8))),
            ("1536 of quadrupled dots", chessboard(1536, 0..1536, 4), Ok((0, 384, 6))),
            ("1536 of doubled dots is still too wide", chessboard(1536, 0..1536, 2), Err("too_wide")),
            ("a blank wide image", chessboard(576, 0..0, 1), Err("blank")),
        ];
        for (name, image, expected) in table {
            assert_eq!(outcome(image), expected, "{name}");
        }
    }

    #[test]
    fn an_enlargement_is_smaller_when_the_paper_would_get_too_long() {
        let tall = Grey { width: 96, height: 5_000, pixels: vec![0; 96 * 5_000] };
        assert_eq!(fit(tall, 384).map(|fitted| fitted.height).ok(), Some(10_000));
    }

    #[test]
    fn doubled_dots_are_recognized_through_noise() {
        let mut image = chessboard(768, 0..768, 2);
        for (at, pixel) in image.pixels.iter_mut().enumerate() {
            let noise = u8::try_from(at * 7 % 30).unwrap();
            *pixel = if *pixel == 0 { noise } else { WHITE - noise };
        }
        assert_eq!(outcome(image), Ok((0, 384, 12)));
    }
}
