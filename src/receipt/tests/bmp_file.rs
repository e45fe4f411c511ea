//! Writes BMP files for tests, of all the kinds that are met.

use super::super::grey::{Grey, WHITE};
use super::files::packed;

/// Kinds of BMP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bmp {
    Indexed(u16),
    Rgb555,
    Rgb565,
    Rgb24,
    TopDown24,
    Rgb32,
    /// A version 4 header whose alpha channel was left 0.
    UnusedAlpha,
    Alpha,
    Rle8,
    /// OS/2: a header of 12 bytes, a palette of 3 bytes a colour.
    Core,
}

/// A black and white image as a BMP.
pub(super) fn bmp(image: &Grey, kind: Bmp) -> Vec<u8> {
    let (bits, compression): (u16, u32) = match kind {
        Bmp::Indexed(bits) => (bits, 0),
        Bmp::Rgb555 => (16, 0),
        Bmp::Rgb565 => (16, 3),
        Bmp::Rgb24 | Bmp::TopDown24 => (24, 0),
        Bmp::Rgb32 => (32, 0),
        Bmp::UnusedAlpha | Bmp::Alpha => (32, 3),
        Bmp::Rle8 => (8, 1),
        Bmp::Core => (1, 0),
    };
    let mut rows: Vec<Vec<u8>> = image.rows().map(|row| bmp_row(row, kind, bits)).collect();
    if kind != Bmp::TopDown24 {
        rows.reverse();
    }
    let mut data = rows.concat();
    if kind == Bmp::Rle8 {
        data.extend([0, 1]);
    }
    let (width, height) = (i32::try_from(image.width).unwrap(), i32::try_from(image.height).unwrap());
    let mut header = Vec::new();
    if kind == Bmp::Core {
        header.extend(12_u32.to_le_bytes());
        header.extend(u16::try_from(width).unwrap().to_le_bytes());
        header.extend(u16::try_from(height).unwrap().to_le_bytes());
        header.extend([1, 0, 1, 0, 0, 0, 0, 255, 255, 255]);
    } else {
        let is_v4 = matches!(kind, Bmp::UnusedAlpha | Bmp::Alpha);
        header.extend(if is_v4 { 108_u32 } else { 40 }.to_le_bytes());
        header.extend(width.to_le_bytes());
        header.extend(if kind == Bmp::TopDown24 { -height } else { height }.to_le_bytes());
        header.extend(1_u16.to_le_bytes());
        header.extend(bits.to_le_bytes());
        header.extend(compression.to_le_bytes());
        header.extend(u32::try_from(data.len()).unwrap().to_le_bytes());
        header.extend([0; 8]);
        let colors = if bits <= 8 { 2_u32 } else { 0 };
        header.extend(colors.to_le_bytes());
        header.extend(0_u32.to_le_bytes());
        if kind == Bmp::Rgb565 {
            header.extend([0xf800_u32, 0x07e0, 0x001f].into_iter().flat_map(u32::to_le_bytes));
        }
        if is_v4 {
            header
                .extend([0x00ff_0000_u32, 0xff00, 0xff, 0xff00_0000].into_iter().flat_map(u32::to_le_bytes));
            header.resize(108, 0);
        }
        if bits <= 8 {
            header.extend([0, 0, 0, 0, 255, 255, 255, 0]);
        }
    }
    let mut file = b"BM".to_vec();
    file.extend(u32::try_from(14 + header.len() + data.len()).unwrap().to_le_bytes());
    file.extend([0; 4]);
    file.extend(u32::try_from(14 + header.len()).unwrap().to_le_bytes());
    file.extend(header);
    file.extend(data);
    file
}

fn bmp_row(row: &[u8], kind: Bmp, bits: u16) -> Vec<u8> {
    let index = |&pixel: &u8| u8::from(pixel != 0);
    let mut bytes: Vec<u8> = match kind {
        Bmp::Indexed(_) | Bmp::Core => packed(row.iter().map(index), usize::from(bits)),
        Bmp::Rgb555 => row.iter().flat_map(|&pixel| [pixel, pixel >> 1]).collect(),
        Bmp::Rgb565 => row.iter().flat_map(|&pixel| [pixel; 2]).collect(),
        Bmp::Rgb24 | Bmp::TopDown24 => row.iter().flat_map(|&pixel| [pixel; 3]).collect(),
        Bmp::Rgb32 | Bmp::UnusedAlpha => row.iter().flat_map(|&pixel| [pixel, pixel, pixel, 0]).collect(),
        Bmp::Alpha => row.iter().flat_map(|&pixel| [0, 0, 0, WHITE - pixel]).collect(),
        Bmp::Rle8 => {
            let runs = row.chunk_by(|left, right| left == right);
            return runs
                .flat_map(|run| [u8::try_from(run.len()).unwrap(), index(&run[0])])
                .chain([0, 0])
                .collect();
        }
    };
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}
