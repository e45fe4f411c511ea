//! Makes receipts and image files for tests, so that no binary file is kept. Files that common encoders do not write
//! (interlaced, absurdly declared, run-length encoded) are put together by hand.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use qrcode::{Color, EcLevel, QrCode};

use super::grey::{Grey, WHITE};
use crate::acquirer::PrintLimits;

/// Limits of a usual terminal.
pub(super) const LIMITS: PrintLimits = PrintLimits {
    width_dots: 384,
    slice_height_dots: 1_500,
    request_bytes: 200_000,
};

/// What the QR code of an NFC-e says: 258 characters.
pub(super) const NFCE_URL: &str = "https://www.nfce.example.gov.br/qrcode/consulta?\
    chNFe=35260112345678000195650010000012341000012349&nVersao=100&tpAmb=1&\
    dhEmi=323032362d30312d31355431343a33323a31302d30333a3030&vNF=1234.56&vICMS=0.00&\
    digVal=6a6b6c6d6e6f707172737475767778797a3031&cIdToken=000001&cHashQRCode=A1B2C3D4E5F60718";

/// A receipt: a grey logo, lines of text, the QR code, taxes, white to the end.
pub(super) struct Receipt {
    pub(super) image: Grey,
    /// The rows that the QR code takes.
    pub(super) qr_rows: std::ops::Range<usize>,
}

/// The width of a usual receipt.
pub(super) const WIDTH: usize = 384;
const LOGO_ROWS: usize = 120;
const LINE_ROWS: usize = 24;
const QR_DOTS: usize = 5;

/// A receipt of 384 dots in width.
pub(super) fn receipt(height: usize) -> Receipt {
    let mut image = Grey {
        width: WIDTH,
        height,
        pixels: vec![WHITE; WIDTH * height],
    };
    let mut noise = Noise::new(7);
    for (y, x) in (0..LOGO_ROWS).flat_map(|y| (92..292).map(move |x| (y, x))) {
        image.pixels[y * WIDTH + x] = u8::try_from((x - 92) * 255 / 200).unwrap();
    }
    let code = QrCode::with_error_correction_level(NFCE_URL, EcLevel::M).unwrap();
    let qr_side = code.width() * QR_DOTS;
    let qr_top = height - qr_side - 12 * LINE_ROWS;
    let qr_rows = qr_top..qr_top + qr_side;
    for top in (LOGO_ROWS + 16..height - 40 - LINE_ROWS).step_by(LINE_ROWS) {
        if top + LINE_ROWS <= qr_top - 2 * QR_DOTS || top >= qr_rows.end + 2 * QR_DOTS {
            text_line(&mut image, top, &mut noise);
        }
    }
    let left = (WIDTH - qr_side) / 2;
    for (at, color) in code.to_colors().into_iter().enumerate() {
        let (module_x, module_y) = (at % code.width(), at / code.width());
        for (dx, dy) in (0..QR_DOTS).flat_map(|dx| (0..QR_DOTS).map(move |dy| (dx, dy))) {
            let (x, y) = (left + module_x * QR_DOTS + dx, qr_top + module_y * QR_DOTS + dy);
            image.pixels[y * WIDTH + x] = if color == Color::Dark { 0 } else { WHITE };
        }
    }
    Receipt { image, qr_rows }
}

/// A line of made-up letters of 5 by 7 strokes, with the grey edges of smoothed fonts.
fn text_line(image: &mut Grey, top: usize, noise: &mut Noise) {
    for cell in (0..image.width - 12).step_by(12) {
        let letter = noise.next();
        if letter.is_multiple_of(6) {
            continue;
        }
        for stroke in 0..35 {
            if letter >> (stroke % 31) & 1 == 0 {
                continue;
            }
            let (x, y) = (cell + stroke % 5 * 2, top + 4 + stroke / 5 * 2);
            for (dx, dy) in [(0, 0), (1, 0), (0, 1), (1, 1)] {
                image.pixels[(y + dy) * image.width + x + dx] = 0;
            }
            let edge = &mut image.pixels[y * image.width + x + 2];
            *edge = (*edge).min(128);
        }
    }
}

/// Repeatable noise.
pub(super) struct Noise(u32);

impl Noise {
    pub(super) fn new(seed: u32) -> Self {
        Self(seed)
    }

    pub(super) fn next(&mut self) -> u32 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        self.0 >> 1
    }
}

/// An image of noise, the worst for every compression.
pub(super) fn noise(width: usize, height: usize) -> Grey {
    let mut noise = Noise::new(1);
    let pixels = (0..width * height)
        .map(|_| if noise.next() >> 16 & 1 == 0 { 0 } else { WHITE })
        .collect();
    Grey {
        width,
        height,
        pixels,
    }
}

/// Black squares of 8 by 8 on white, in an odd size.
pub(super) fn squares() -> Grey {
    let (width, height) = (43, 29);
    let mut noise = Noise::new(3);
    let board: Vec<bool> = (0..64).map(|_| noise.next() >> 16 & 1 == 0).collect();
    let pixels = (0..height)
        .flat_map(|y| (0..width).map(move |x| (x, y)))
        .map(|(x, y)| if board[y / 8 * 8 + x / 8] { 0 } else { WHITE })
        .collect();
    Grey {
        width,
        height,
        pixels,
    }
}

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
    let (width, height) = (
        u32::try_from(image.width).unwrap(),
        u32::try_from(image.height).unwrap(),
    );
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(color);
    encoder.set_depth(depth);
    if color == png::ColorType::Indexed {
        encoder.set_palette(vec![10, 20, 30, 0, 0, 0]);
        encoder.set_trns(vec![0, 255]);
    }
    let mut writer = encoder.write_header().unwrap();
    writer
        .write_image_data(&png_samples(image, color, depth))
        .unwrap();
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
            let values = values.map(|value| {
                if color == png::ColorType::Indexed {
                    value
                } else {
                    value >> (8 - bits)
                }
            });
            samples.extend(packed(values, bits));
        }
    }
    samples
}

/// Values of a few bits packed into bytes, the first in the highest bits.
fn packed(values: impl Iterator<Item = u8>, bits: usize) -> Vec<u8> {
    let values: Vec<u8> = values.collect();
    let byte = |chunk: &[u8]| {
        let shifts = (1..=8 / bits).map(|at| 8 - at * bits);
        chunk
            .iter()
            .zip(shifts)
            .fold(0, |byte, (value, shift)| byte | value << shift)
    };
    values.chunks(8 / bits).map(byte).collect()
}

/// An interlaced 8-bit grey PNG.
pub(super) fn interlaced_png(image: &Grey) -> Vec<u8> {
    const PASSES: [(usize, usize, usize, usize); 7] = [
        (0, 0, 8, 8),
        (4, 0, 8, 8),
        (0, 4, 4, 8),
        (2, 0, 4, 4),
        (0, 2, 2, 4),
        (1, 0, 2, 2),
        (0, 1, 1, 2),
    ];
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
        (0..8).fold(crc ^ u32::from(byte), |crc, _| {
            if crc & 1 == 1 {
                crc >> 1 ^ 0xedb8_8320
            } else {
                crc >> 1
            }
        })
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

/// A JPEG; `components` is 1 (grey), 3 (colour, with halved colour resolution) or 4 (CMYK).
pub(super) fn jpeg(image: &Grey, components: usize, progressive: bool) -> Vec<u8> {
    let color = match components {
        1 => jpeg_encoder::ColorType::Luma,
        3 => jpeg_encoder::ColorType::Rgb,
        _ => jpeg_encoder::ColorType::Cmyk,
    };
    // CMYK counts ink, not light.
    let sample = |pixel: u8| if components == 4 { WHITE - pixel } else { pixel };
    let samples: Vec<u8> = image
        .pixels
        .iter()
        .flat_map(|&pixel| vec![sample(pixel); components])
        .collect();
    let mut file = Vec::new();
    let mut encoder = jpeg_encoder::Encoder::new(&mut file, 90);
    encoder.set_progressive(progressive);
    if components == 3 {
        encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
    }
    if !progressive {
        encoder.set_restart_interval(4);
    }
    let (width, height) = (
        u16::try_from(image.width).unwrap(),
        u16::try_from(image.height).unwrap(),
    );
    encoder.encode(&samples, width, height, color).unwrap();
    file
}

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
    let (width, height) = (
        i32::try_from(image.width).unwrap(),
        i32::try_from(image.height).unwrap(),
    );
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
            header.extend(
                [0xf800_u32, 0x07e0, 0x001f]
                    .into_iter()
                    .flat_map(u32::to_le_bytes),
            );
        }
        if is_v4 {
            header.extend(
                [0x00ff_0000_u32, 0xff00, 0xff, 0xff00_0000]
                    .into_iter()
                    .flat_map(u32::to_le_bytes),
            );
            header.resize(108, 0);
        }
        if bits <= 8 {
            header.extend([0, 0, 0, 0, 255, 255, 255, 0]);
        }
    }
    let mut file = b"BM".to_vec();
    file.extend(
        u32::try_from(14 + header.len() + data.len())
            .unwrap()
            .to_le_bytes(),
    );
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
