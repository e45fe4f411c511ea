//! The paper: rows of dots, newest at the bottom.

use std::collections::VecDeque;

/// Dots in a row of 58 mm paper.
pub const WIDTH_DOTS: u32 = 384;
/// Longest paper that hangs out of the printer, in dots: five metres. Older rows are torn off by themselves.
pub const MAX_HEIGHT_DOTS: usize = 40_000;
const ROW_BYTES: usize = WIDTH_DOTS as usize / 8;

/// One row of dots; a set bit is black, the leftmost dot is the highest bit of the first byte.
pub(super) type DotRow = [u8; ROW_BYTES];

/// A row without dots.
pub(super) const BLANK_ROW: DotRow = [0; ROW_BYTES];

/// Burns one dot; outside the paper nothing happens.
pub(super) fn burn_dot(row: &mut DotRow, x: usize) {
    if let Some(byte) = row.get_mut(x / 8) {
        *byte |= 0x80 >> (x % 8);
    }
}

/// What hangs out of the printer.
#[derive(Debug, Default)]
pub struct Paper {
    rows: VecDeque<DotRow>,
    prints: u64,
    printed_dots: u64,
}

impl Paper {
    /// Height of what hangs out, in dots.
    #[must_use]
    pub fn height_dots(&self) -> usize {
        self.rows.len()
    }

    /// Height of everything printed since the process began, in dots; never goes back.
    #[must_use]
    pub fn printed_dots(&self) -> u64 {
        self.printed_dots
    }

    /// How many prints there were, in the same sense.
    #[must_use]
    pub fn prints(&self) -> u64 {
        self.prints
    }

    /// The paper as a 1-bit grey PNG. Paper without a dot is one white row, because a PNG has at least one.
    #[must_use]
    pub fn to_png(&self) -> Vec<u8> {
        let mut rows: Vec<u8> = self.rows.iter().flatten().map(|byte| !byte).collect();
        if rows.is_empty() {
            rows = vec![0xFF; ROW_BYTES];
        }
        let height = u32::try_from(rows.len() / ROW_BYTES).expect("MAX_HEIGHT_DOTS bounds the height");
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, WIDTH_DOTS, height);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(&rows))
            .expect("writing to memory with a matching size cannot fail");
        bytes
    }

    #[cfg(test)]
    pub(super) fn rows(&self) -> impl Iterator<Item = &DotRow> {
        self.rows.iter()
    }

    pub(super) fn print(&mut self, rows: &[DotRow]) {
        self.prints += 1;
        self.printed_dots += rows.len() as u64;
        self.rows.extend(rows);
        let above = self.rows.len().saturating_sub(MAX_HEIGHT_DOTS);
        self.rows.drain(..above);
    }

    pub(super) fn tear_off(&mut self) {
        self.rows.clear();
    }
}
