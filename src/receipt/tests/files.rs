//! Writes PNG and JPEG files for tests. Those that common encoders do not write (interlaced, absurdly declared) are put
//! together by hand.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::super::grey::{Grey, WHITE};

/// As the PDV sends it.
pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// An 8-bit grey PNG.
pub(super) fn grey_png(image: &Grey) -> Vec<u8> {
    png(image, png::ColorType::Grayscale, png::BitDepth::Eight)
}

/// A black and white image as a PNG of any kind. Indexed ones have black last and use transparency for white.
pub(super) fn png(image: &Grey, color: png::ColorType, depth: png::BitDepth) -> Vec<u8> {
    let mut file = Vec::new();
    let (width, height) = (u32::try_from(image.width).unwrap(), u32::try_from(image.height).unwrap());
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    if color == png::ColorType::Indexed {
        encoder.set_palette(vec![10, 20, 30, 0, 0, 0]);
        encoder.set_trns(vec![0, 255]);
    }
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&png_samples(image, color, depth)).unwrap();
    writer.finish().unwrap();
    file
}

fn png_samples(image: &Grey, color: png::ColorType, depth: png::BitDepth) -> Vec<u8> {
    let bits = depth as usize;
    let mut samples = Vec::new();
    for row in image.rows() {
        let values = row.iter().flat_map(|&pixel| match color {
            png::ColorType::Grayscale => vec![pixel],
            png::ColorType::Indexed => vec![u8::from(pixel == 0)],
            png::ColorType::Rgb => vec![pixel; 3],
            // White as transparent black, black as opaque black.
            png::ColorType::GrayscaleAlpha => vec![0, WHITE - pixel],
            png::ColorType::Rgba => vec![0, 0, 0, WHITE - pixel],
        });
        if bits == 16 {
            samples.extend(values.flat_map(|value| [value, value]));
        } else {
            let values = values
                .map(|value| if color == png::ColorType::Indexed { value } else { value >> (8 - bits) });
            samples.extend(packed(values, bits));
        }
    }
    samples
}

/// Values of a few bits packed into bytes, the first in the highest bits.
pub(super) fn packed(values: impl Iterator<Item = u8>, bits: usize) -> Vec<u8> {
    let values: Vec<u8> = values.collect();
    let byte = |chunk: &[u8]| {
        let shifts = (1..=8 / bits).map(|at| 8 - at * bits);
        chunk.iter().zip(shifts).fold(0, |byte, (value, shift)| byte | value << shift)
    };
    values.chunks(8 / bits).map(byte).collect()
}

/// An interlaced 8-bit grey PNG.
pub(super) fn interlaced_png(image: &Grey) -> Vec<u8> {
    const PASSES: [(usize, usize, usize, usize); 7] =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];
    let mut filtered = Vec::new();
    for (left, top, step_x, step_y) in PASSES {
        for row in image.rows().skip(top).step_by(step_y) {
            let samples: Vec<u8> = row.iter().copied().skip(left).step_by(step_x).collect();
            if !samples.is_empty() {
                filtered.push(0);
                filtered.extend(samples);
            }
        }
    }
    declared_png(image.width, image.height, 8, 0, 1, &filtered)
}

/// A PNG that declares what one likes; the data is stored without compression.
pub(super) fn declared_png(
    width: usize,
    height: usize,
    depth: u8,
    color: u8,
    interlace: u8,
    data: &[u8],
) -> Vec<u8> {
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::new();
    header.extend(u32::try_from(width).unwrap().to_be_bytes());
    header.extend(u32::try_from(height).unwrap().to_be_bytes());
    header.extend([depth, color, 0, 0, interlace]);
    chunk(&mut file, b"IHDR", &header);
    chunk(&mut file, b"IDAT", &stored_zlib(data));
    chunk(&mut file, b"IEND", &[]);
    file
}

fn chunk(file: &mut Vec<u8>, name: &[u8; 4], data: &[u8]) {
    file.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
    let start = file.len();
    file.extend(name);
    file.extend(data);
    let crc = !file[start..].iter().fold(u32::MAX, |crc, &byte| {
        (0..8).fold(
            crc ^ u32::from(byte),
            |crc, _| {
                if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 }
            },
        )
    });
    file.extend(crc.to_be_bytes());
}

fn stored_zlib(data: &[u8]) -> Vec<u8> {
    let mut zlib = vec![0x78, 0x01];
    for piece in data.chunks(65_535) {
        let len = u16::try_from(piece.len()).unwrap();
        zlib.push(0);
        zlib.extend(len.to_le_bytes());
        zlib.extend((!len).to_le_bytes());
        zlib.extend(piece);
    }
    zlib.extend([1, 0, 0, 0xff, 0xff]);
    let (a, b) = data.iter().fold((1_u32, 0_u32), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    zlib.extend((b << 16 | a).to_be_bytes());
    zlib
}

/// What a JPEG's colours are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Jpeg {
    Grey,
    /// The colours, not the light, at a lower resolution by these factors across and down.
    Colour(u8, u8),
    Cmyk,
}

/// A JPEG.
pub(super) fn jpeg(image: &Grey, kind: Jpeg, progressive: bool) -> Vec<u8> {
    let (color, components) = match kind {
        Jpeg::Grey => (jpeg_encoder::ColorType::Luma, 1),
        Jpeg::Colour(..) => (jpeg_encoder::ColorType::Rgb, 3),
        Jpeg::Cmyk => (jpeg_encoder::ColorType::Cmyk, 4),
    };
    // CMYK counts ink, not light.
    let sample = |pixel: u8| if kind == Jpeg::Cmyk { WHITE - pixel } else { pixel };
    let samples: Vec<u8> = image.pixels.iter().flat_map(|&pixel| vec![sample(pixel); components]).collect();
    let mut file = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, 90);
    encoder.set_progressive(progressive);
    if let Jpeg::Colour(across, down) = kind {
        encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::from_factors(across, down).unwrap());
    }
    if !progressive {
        encoder.set_restart_interval(4);
    }
    let (width, height) = (u16::try_from(image.width).unwrap(), u16::try_from(image.height).unwrap());
    encoder.encode(&samples, width, height, color).unwrap();
    file
}
