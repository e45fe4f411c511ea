//! A strip of thermal paper, 384 dots wide and as long as it gets: text in fixed columns, lines, a QR code; then a PNG of
//! one bit for each dot.

use embedded_graphics::Drawable;
use embedded_graphics::Pixel;
use embedded_graphics::geometry::{OriginDimensions, Point, Size};
use embedded_graphics::mono_font::iso_8859_1::{FONT_6X10, FONT_8X13, FONT_8X13_BOLD, FONT_10X20};
use embedded_graphics::mono_font::{MonoFont, MonoTextStyle};
use embedded_graphics::pixelcolor::BinaryColor;
use embedded_graphics::prelude::DrawTarget;
use embedded_graphics::text::{Baseline, Text};
use qrcodegen::{QrCode, QrCodeEcc};

/// What the terminals' printers have: 48 mm at 8 dots for each mm.
pub const WIDTH_DOTS: u32 = 384;
/// Least side of a QR code: 25 mm (manual of the DANFE NFC-e).
pub const QR_DOTS_MIN: u32 = 200;
/// White around a QR code, in its modules (ISO 18004).
const QR_QUIET_MODULES: u32 = 4;
/// Space between two lines of text.
const LEADING_DOTS: u32 = 2;

/// How large text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Face {
    /// 64 columns, for what the law wants in print.
    Small,
    /// 48 columns.
    Plain,
    /// 48 columns, bold.
    Bold,
    /// 38 columns.
    Large,
}

impl Face {
    const fn font(self) -> &'static MonoFont<'static> {
        match self {
            Self::Small => &FONT_6X10,
            Self::Plain => &FONT_8X13,
            Self::Bold => &FONT_8X13_BOLD,
            Self::Large => &FONT_10X20,
        }
    }

    /// Characters in a line.
    #[must_use]
    pub const fn columns(self) -> usize {
        match self {
            Self::Small => 64,
            Self::Plain | Self::Bold => 48,
            Self::Large => 38,
        }
    }
}

/// The strip.
#[derive(Clone, Debug, Default)]
pub struct Paper {
    /// Row after row, one byte for each dot; 1 is black.
    dots: Vec<u8>,
}

impl Paper {
    /// How long it is.
    #[must_use]
    pub fn height(&self) -> u32 {
        u32::try_from(self.dots.len()).unwrap_or(u32::MAX) / WIDTH_DOTS
    }

    fn grow(&mut self, dots: u32) -> u32 {
        let top = self.height();
        let more = usize::try_from(dots * WIDTH_DOTS).expect("a strip fits the memory");
        self.dots.resize(self.dots.len() + more, 0);
        top
    }

    /// White.
    pub fn space(&mut self, dots: u32) {
        self.grow(dots);
    }

    /// A line across.
    pub fn rule(&mut self) {
        self.space(3);
        let top = self.grow(1);
        let from = usize::try_from(top * WIDTH_DOTS).expect("inside the strip");
        self.dots[from..].fill(1);
        self.space(4);
    }

    /// Text from the left edge, broken between words where it does not fit.
    pub fn text(&mut self, face: Face, text: &str) {
        for line in broken(text, face.columns()) {
            self.line(face, &line, 0);
        }
    }

    /// The same, each line in the middle.
    pub fn centred(&mut self, face: Face, text: &str) {
        for line in broken(text, face.columns()) {
            let free = face.columns() - line.chars().count();
            let wide = face.font().character_size.width;
            let left = WIDTH_DOTS - wide * u32::try_from(face.columns() - free).unwrap_or(0);
            self.line(face, &line, left / 2);
        }
    }

    /// Something on the left, and its figure at the right edge; the left side is broken where it does not fit.
    pub fn pair(&mut self, face: Face, left: &str, right: &str) {
        let room = face.columns().saturating_sub(right.chars().count() + 1).max(1);
        let mut lines = broken(left, room);
        let last = lines.pop().unwrap_or_default();
        for line in lines {
            self.line(face, &line, 0);
        }
        let fill = face.columns().saturating_sub(last.chars().count() + right.chars().count());
        self.line(face, &format!("{last}{}{right}", " ".repeat(fill)), 0);
    }

    fn line(&mut self, face: Face, text: &str, left: u32) {
        let font = face.font();
        let top = self.grow(font.character_size.height + LEADING_DOTS);
        let style = MonoTextStyle::new(font, BinaryColor::On);
        let at = Point::new(signed(left), signed(top));
        let drawn = Text::with_baseline(text, at, style, Baseline::Top).draw(self);
        drawn.expect("drawing on memory does not fail");
    }

    /// A QR code in the middle, as large as whole dots for each module allow, and at least [`QR_DOTS_MIN`] where they do.
    ///
    /// # Panics
    /// When the text is longer than any QR code takes: those of documents are some 120 characters.
    pub fn qr(&mut self, text: &str) {
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).expect("a document's address fits a QR code");
        let modules = u32::try_from(code.size()).expect("a QR code has a size");
        let scale = QR_DOTS_MIN.div_ceil(modules).min(WIDTH_DOTS / (modules + 2 * QR_QUIET_MODULES)).max(1);
        let quiet = QR_QUIET_MODULES * scale;
        let side = modules * scale;
        let top = self.grow(side + 2 * quiet) + quiet;
        let left = (WIDTH_DOTS - side) / 2;
        for (y, x) in (0..side).flat_map(|y| (0..side).map(move |x| (y, x))) {
            if code.get_module(signed(x / scale), signed(y / scale)) {
                self.blacken(left + x, top + y);
            }
        }
    }

    fn blacken(&mut self, x: u32, y: u32) {
        if x < WIDTH_DOTS && y < self.height() {
            let at = usize::try_from(y * WIDTH_DOTS + x).expect("inside the strip");
            self.dots[at] = 1;
        }
    }

    /// Whether a dot is black.
    #[must_use]
    pub fn is_black(&self, x: u32, y: u32) -> bool {
        let at = usize::try_from(y * WIDTH_DOTS + x).ok();
        at.and_then(|at| self.dots.get(at)).is_some_and(|dot| *dot == 1)
    }

    /// As PNG, one bit for each dot.
    #[must_use]
    pub fn png(&self) -> Vec<u8> {
        let packed: Vec<u8> = self
            .dots
            .chunks(8)
            // In a PNG of one grey bit 1 is white.
            .map(|eight| eight.iter().fold(0, |byte, dot| (byte << 1) | (1 - dot)))
            .collect();
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, WIDTH_DOTS, self.height());
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&packed));
        written.expect("a Vec takes everything");
        bytes
    }
}

impl OriginDimensions for Paper {
    fn size(&self) -> Size {
        Size::new(WIDTH_DOTS, self.height())
    }
}

impl DrawTarget for Paper {
    type Color = BinaryColor;
    type Error = core::convert::Infallible;

    fn draw_iter<I: IntoIterator<Item = Pixel<BinaryColor>>>(
        &mut self,
        pixels: I,
    ) -> Result<(), Self::Error> {
        for Pixel(point, color) in pixels {
            if let (BinaryColor::On, Ok(x), Ok(y)) = (color, u32::try_from(point.x), u32::try_from(point.y)) {
                self.blacken(x, y);
            }
        }
        Ok(())
    }
}

fn signed(dots: u32) -> i32 {
    i32::try_from(dots).unwrap_or(i32::MAX)
}

/// Lines of at most so many characters, broken between words; a longer word is cut.
fn broken(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        let mut word: Vec<char> = word.chars().collect();
        loop {
            let gap = usize::from(!line.is_empty());
            let room = columns.saturating_sub(line.chars().count() + gap);
            if word.len() <= room {
                line.extend(std::iter::repeat_n(' ', gap).chain(word));
                break;
            }
            if line.is_empty() {
                let rest = word.split_off(columns.min(word.len()));
                lines.push(word.into_iter().collect());
                word = rest;
            } else {
                lines.push(std::mem::take(&mut line));
            }
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_broken_between_words_and_never_lost() {
        for (text, columns, expected) in [
            ("um dois três", 8, vec!["um dois", "três"]),
            ("abcdefghij", 4, vec!["abcd", "efgh", "ij"]),
            ("a abcdefgh b", 4, vec!["a", "abcd", "efgh", "b"]),
            ("", 10, vec![""]),
        ] {
            assert_eq!(broken(text, columns), expected, "{text}");
        }
    }

    #[test]
    fn a_line_of_a_face_is_as_wide_as_the_paper_at_most() {
        for face in [Face::Small, Face::Plain, Face::Bold, Face::Large] {
            let wide = face.font().character_size.width * u32::try_from(face.columns()).unwrap();
            assert!((WIDTH_DOTS - 9..=WIDTH_DOTS).contains(&wide), "{face:?}: {wide}");
        }
        let mut paper = Paper::default();
        paper.text(Face::Plain, &"M".repeat(48));
        assert_eq!(paper.height(), 15);
        let right = (0..15).any(|y| (376..384).any(|x| paper.is_black(x, y)));
        assert!(right, "the last column is used");
    }
}
