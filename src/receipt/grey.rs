//! A decoded image: 8-bit grey on white paper, one byte a pixel.

/// A pixel at least this light is paper: JPEG noise and off-white backgrounds are not ink.
pub(super) const PAPER: u8 = 232;
/// White.
pub(super) const WHITE: u8 = 255;

/// An image in grey. `pixels` holds exactly `width * height` bytes, neither of them zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Grey {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) pixels: Vec<u8>,
}

impl Grey {
    /// The rows from top to bottom.
    pub(super) fn rows(&self) -> impl DoubleEndedIterator<Item = &[u8]> + ExactSizeIterator {
        self.pixels.chunks_exact(self.width)
    }
}

/// True when a row holds no ink.
pub(super) fn is_paper(row: &[u8]) -> bool {
    row.iter().fold(WHITE, |darkest, &pixel| darkest.min(pixel)) >= PAPER
}

/// How light a colour looks, with the weights of BT.601 in 256ths.
pub(super) fn luma([red, green, blue]: [u8; 3]) -> u8 {
    let sum = 77 * u32::from(red) + 150 * u32::from(green) + 29 * u32::from(blue);
    u8::try_from(sum >> 8).expect("the weights add up to 256")
}

/// A translucent grey laid over white paper.
pub(super) fn over_paper(grey: u8, alpha: u8) -> u8 {
    let (grey, alpha) = (u32::from(grey), u32::from(alpha));
    u8::try_from((grey * alpha + 255 * (255 - alpha) + 127) / 255).expect("a mean of two bytes is a byte")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_black_and_transparency_are_exact() {
        assert_eq!(luma([255, 255, 255]), 255);
        assert_eq!(luma([0, 0, 0]), 0);
        for grey in 0..=255 {
            assert_eq!(over_paper(grey, 255), grey);
            assert_eq!(over_paper(grey, 0), WHITE);
        }
        assert_eq!(over_paper(0, 128), 127);
    }
}
