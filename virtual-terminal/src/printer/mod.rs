//! The terminal's printer: conditions that a test can choose, and the paper with the dots that were really printed.

use std::io::Cursor;

use serde::{Deserialize, Serialize};

mod font;
mod paper;

pub use paper::{MAX_HEIGHT_DOTS, Paper, WIDTH_DOTS};

/// Tallest single image, in dots: Stone Connect's published limit, which we assume for the deep link too.
const MAX_IMAGE_HEIGHT_DOTS: u32 = 1_500;
/// Memory for decoding one image, in bytes: 384 x 1500 at 8 bytes a dot is 4.6 MB.
const MAX_DECODE_BYTES: usize = 8 * 1024 * 1024;
/// Anything darker than this is a burnt dot.
const DARK_BELOW: u32 = 128;

/// The printer's answer when all went well.
const SUCCESS: &str = "SUCCESS";
/// The printer's answer without paper.
const OUT_OF_PAPER: &str = "PRINTER_OUT_OF_PAPER";

/// What is wrong with the printer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// Nothing.
    #[default]
    Ready,
    /// No paper.
    NoPaper,
    /// Does not start.
    InitError,
    /// Battery too low.
    LowEnergy,
    /// Busy with another print.
    Busy,
    /// Does not know the format.
    UnsupportedFormat,
    /// Refuses the data.
    InvalidData,
    /// Too hot.
    Overheating,
    /// Paper is stuck.
    PaperJam,
    /// Anything else.
    PrintError,
    /// An answer that is in no list.
    UnknownError,
}

/// A piece of a print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrintItem {
    /// The bytes of a PNG.
    Image(Vec<u8>),
    /// A line of text.
    Text(String),
}

/// Changes to the printer; what is absent stays.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PrinterChange {
    /// What is wrong with it.
    pub condition: Option<Condition>,
    /// Whether it waits for a person before it prints.
    pub hold: Option<bool>,
    /// The paper ends after so many dots; a negative number: never.
    pub paper_left_dots: Option<i64>,
}

/// The printer of one terminal.
#[derive(Debug, Default)]
pub struct Printer {
    condition: Condition,
    hold: bool,
    left_dots: Option<u64>,
    paper: Paper,
}

impl Printer {
    /// What is wrong with it.
    #[must_use]
    pub fn condition(&self) -> Condition {
        self.condition
    }

    /// Whether it waits for a person before it prints.
    #[must_use]
    pub fn waits(&self) -> bool {
        self.hold
    }

    /// The paper ends after so many dots.
    #[must_use]
    pub fn left_dots(&self) -> Option<u64> {
        self.left_dots
    }

    /// What was printed.
    #[must_use]
    pub fn paper(&self) -> &Paper {
        &self.paper
    }

    /// Tears the paper off.
    pub fn tear_off(&mut self) {
        self.paper.tear_off();
    }

    /// Changes its condition. A new roll is put in by making it [`Condition::Ready`].
    pub fn change(&mut self, change: &PrinterChange) {
        if let Some(condition) = change.condition {
            self.condition = condition;
            if self.left_dots == Some(0) {
                self.left_dots = None;
            }
        }
        if let Some(hold) = change.hold {
            self.hold = hold;
        }
        if let Some(left) = change.paper_left_dots {
            self.left_dots = u64::try_from(left).ok();
        }
    }

    /// Prints items one below the other and says how it went, in the printer app's words. Nothing is printed when an
    /// item is bad; when the paper ends, what fits was printed.
    pub fn print(&mut self, items: &[PrintItem]) -> &'static str {
        if let Some(code) = self.condition.code() {
            return code;
        }
        let mut rows = Vec::new();
        for item in items {
            match item {
                PrintItem::Image(png) => match dots(png) {
                    Some(image) => rows.extend(image),
                    None => return "PRINTER_INVALID_DATA",
                },
                PrintItem::Text(text) => rows.extend(font::line(text)),
            }
        }
        self.burn(&rows)
    }

    /// Prints lines of text with a margin, as the acquirer's own slip.
    pub fn print_slip(&mut self, lines: &[String]) -> &'static str {
        if let Some(code) = self.condition.code() {
            return code;
        }
        let mut rows = vec![paper::BLANK_ROW; 16];
        rows.extend(lines.iter().flat_map(|line| font::line(line)));
        rows.extend([paper::BLANK_ROW; 32]);
        self.burn(&rows)
    }

    fn burn(&mut self, rows: &[paper::DotRow]) -> &'static str {
        let fits = self
            .left_dots
            .map_or(rows.len(), |left| rows.len().min(usize::try_from(left).unwrap_or(usize::MAX)));
        self.paper.print(&rows[..fits]);
        if let Some(left) = &mut self.left_dots {
            *left = left.saturating_sub(fits as u64);
        }
        if fits < rows.len() {
            self.condition = Condition::NoPaper;
            return OUT_OF_PAPER;
        }
        SUCCESS
    }
}

impl Condition {
    /// The printer app's word for it; `None` when it prints.
    const fn code(self) -> Option<&'static str> {
        match self {
            Self::Ready => None,
            Self::NoPaper => Some(OUT_OF_PAPER),
            Self::InitError => Some("PRINTER_INIT_ERROR"),
            Self::LowEnergy => Some("PRINTER_LOW_ENERGY"),
            Self::Busy => Some("PRINTER_BUSY"),
            Self::UnsupportedFormat => Some("PRINTER_UNSUPPORTED_FORMAT"),
            Self::InvalidData => Some("PRINTER_INVALID_DATA"),
            Self::Overheating => Some("PRINTER_OVERHEATING"),
            Self::PaperJam => Some("PRINTER_PAPER_JAM"),
            Self::PrintError => Some("PRINTER_PRINT_ERROR"),
            Self::UnknownError => Some("PRINTER_SERVICE_DEAD"),
        }
    }
}

/// The dots of a PNG of any colour type; `None` when it is no PNG or does not fit on the paper.
fn dots(png: &[u8]) -> Option<Vec<paper::DotRow>> {
    let mut decoder =
        png::Decoder::new_with_limits(Cursor::new(png), png::Limits { bytes: MAX_DECODE_BYTES });
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
    let mut reader = decoder.read_info().ok()?;
    let (width, height) = (reader.info().width, reader.info().height);
    if width > WIDTH_DOTS || height > MAX_IMAGE_HEIGHT_DOTS {
        return None;
    }
    let mut buffer = vec![0; reader.output_buffer_size()?];
    let frame = reader.next_frame(&mut buffer).ok()?;
    let samples = frame.color_type.samples();
    let rows = buffer.chunks_exact(frame.line_size).take(height as usize).map(|line| {
        let mut row = paper::BLANK_ROW;
        for (x, pixel) in line.chunks_exact(samples).enumerate() {
            if is_dark(pixel) {
                paper::burn_dot(&mut row, x);
            }
        }
        row
    });
    Some(rows.collect())
}

/// Whether a pixel of 8-bit samples becomes a dot on white paper.
fn is_dark(pixel: &[u8]) -> bool {
    let grey = |r: u8, g: u8, b: u8| (299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b)) / 1000;
    let (grey, alpha) = match *pixel {
        [grey] => (u32::from(grey), 255),
        [grey, alpha] => (u32::from(grey), u32::from(alpha)),
        [r, g, b] => (grey(r, g, b), 255),
        [r, g, b, alpha] => (grey(r, g, b), u32::from(alpha)),
        _ => (255, 255),
    };
    (grey * alpha + 255 * (255 - alpha)) / 255 < DARK_BELOW
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32, color: png::ColorType, data: &[u8]) -> PrintItem {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(color);
        encoder.set_depth(if color == png::ColorType::Grayscale && data.len() < (width * height) as usize {
            png::BitDepth::One
        } else {
            png::BitDepth::Eight
        });
        encoder.write_header().unwrap().write_image_data(data).unwrap();
        PrintItem::Image(bytes)
    }

    fn striped(height: u32) -> PrintItem {
        let rows: Vec<u8> = (0..height).flat_map(|y| [if y % 2 == 0 { 0 } else { 255 }; 384]).collect();
        png(384, height, png::ColorType::Grayscale, &rows)
    }

    #[test]
    fn images_join_on_the_paper_dot_by_dot() {
        let mut printer = Printer::default();
        let one_bit = png(16, 1, png::ColorType::Grayscale, &[0b0111_1111, 0b1111_1110]);
        let colour = png(2, 1, png::ColorType::Rgba, &[0, 0, 0, 255, 0, 0, 0, 20]);
        assert_eq!(printer.print(&[striped(3), one_bit, colour]), "SUCCESS");
        let row = |y: usize| printer.paper().rows().nth(y).unwrap();
        assert_eq!(printer.paper().height_dots(), 5);
        assert_eq!((row(0)[0], row(1)[0], row(2)[47]), (255, 0, 255));
        assert_eq!((row(3)[0], row(3)[1], row(3)[2]), (0b1000_0000, 0b0000_0001, 0));
        assert_eq!(row(4)[0], 0b1000_0000);
    }

    #[test]
    fn the_paper_can_be_looked_at_as_a_picture_with_the_same_dots() {
        let mut printer = Printer::default();
        printer.print(&[striped(3)]);
        let picture = printer.paper().to_png();
        assert_eq!(dots(&picture).unwrap(), printer.paper().rows().copied().collect::<Vec<_>>());
    }

    #[test]
    fn an_image_that_is_no_image_or_too_large_prints_nothing() {
        let mut printer = Printer::default();
        for bad in [
            PrintItem::Image(b"GIF89a".to_vec()),
            striped(1501),
            png(385, 1, png::ColorType::Grayscale, &[0; 385]),
        ] {
            assert_eq!(printer.print(&[striped(2), bad]), "PRINTER_INVALID_DATA");
        }
        assert_eq!(printer.paper().height_dots(), 0);
    }

    #[test]
    fn the_paper_ends_in_the_middle_and_a_new_roll_goes_on() {
        let mut printer = Printer::default();
        printer.change(&PrinterChange { paper_left_dots: Some(5), ..PrinterChange::default() });
        assert_eq!(printer.print(&[striped(9)]), "PRINTER_OUT_OF_PAPER");
        assert_eq!(printer.paper().height_dots(), 5);
        assert_eq!(printer.condition(), Condition::NoPaper);
        printer.change(&PrinterChange { condition: Some(Condition::Ready), ..PrinterChange::default() });
        assert_eq!(printer.print(&[striped(9)]), "SUCCESS");
        assert_eq!(printer.paper().height_dots(), 14);
    }

    #[test]
    fn every_condition_has_the_printer_apps_word() {
        let mut printer = Printer::default();
        for (condition, code) in [
            (Condition::NoPaper, "PRINTER_OUT_OF_PAPER"),
            (Condition::Overheating, "PRINTER_OVERHEATING"),
            (Condition::PaperJam, "PRINTER_PAPER_JAM"),
        ] {
            printer.change(&PrinterChange { condition: Some(condition), ..PrinterChange::default() });
            assert_eq!(printer.print(&[striped(1)]), code);
        }
        assert_eq!(printer.paper().height_dots(), 0);
    }

    #[test]
    fn text_is_printed_as_dots() {
        let mut printer = Printer::default();
        assert_eq!(printer.print_slip(&["VIA CLIENTE".to_owned()]), "SUCCESS");
        assert!(printer.paper().rows().any(|row| row.iter().any(|byte| *byte != 0)));
    }
}
