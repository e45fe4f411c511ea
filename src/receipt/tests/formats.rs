//! Every kind of image file gives the same picture.

use super::super::decode::to_grey;
use super::super::grey::Grey;
use super::super::prepare;
use super::bmp_file::{self, Bmp};
use super::files::{self, Jpeg, base64, grey_png};
use super::fixture::{self, LIMITS};
use super::prepared;

#[test]
fn every_kind_of_png_is_read_exactly() {
    use png::{BitDepth as Depth, ColorType as Color};
    let image = fixture::squares();
    let kinds = [
        (Color::Grayscale, vec![Depth::One, Depth::Two, Depth::Four, Depth::Eight, Depth::Sixteen]),
        (Color::Indexed, vec![Depth::One, Depth::Two, Depth::Four, Depth::Eight]),
        (Color::Rgb, vec![Depth::Eight, Depth::Sixteen]),
        (Color::GrayscaleAlpha, vec![Depth::Eight, Depth::Sixteen]),
        (Color::Rgba, vec![Depth::Eight, Depth::Sixteen]),
    ];
    for (color, depths) in kinds {
        for depth in depths {
            let decoded = to_grey(&files::png(&image, color, depth)).unwrap();
            assert_eq!(decoded, image, "{color:?} {depth:?}");
        }
    }
    assert_eq!(to_grey(&files::interlaced_png(&image)).unwrap(), image, "interlaced");
}

#[test]
fn every_kind_of_bmp_is_read_exactly() {
    let image = fixture::squares();
    let kinds = [
        Bmp::Indexed(1),
        Bmp::Indexed(4),
        Bmp::Indexed(8),
        Bmp::Rgb555,
        Bmp::Rgb565,
        Bmp::Rgb24,
        Bmp::TopDown24,
        Bmp::Rgb32,
        Bmp::UnusedAlpha,
        Bmp::Alpha,
        Bmp::Rle8,
        Bmp::Core,
    ];
    for kind in kinds {
        assert_eq!(to_grey(&bmp_file::bmp(&image, kind)).unwrap(), image, "{kind:?}");
    }
}

#[test]
fn every_kind_of_jpeg_is_read_up_to_its_noise() {
    let image = fixture::squares();
    let is_dark = |image: &Grey| {
        let dark = image.pixels.iter().map(|&pixel| pixel < 128);
        dark.collect::<Vec<bool>>()
    };
    let kinds = [
        Jpeg::Grey,
        Jpeg::Colour(1, 1),
        Jpeg::Colour(2, 1),
        Jpeg::Colour(1, 2),
        Jpeg::Colour(2, 2),
        Jpeg::Colour(4, 1),
        Jpeg::Colour(4, 2),
        Jpeg::Cmyk,
    ];
    for kind in kinds {
        for progressive in [false, true] {
            let decoded = to_grey(&files::jpeg(&image, kind, progressive)).unwrap();
            assert_eq!((decoded.width, decoded.height), (image.width, image.height));
            assert!(is_dark(&decoded) == is_dark(&image), "{kind:?}, progressive: {progressive}");
        }
    }
}

#[test]
fn the_bytes_decide_the_format_not_the_declared_type() {
    let file = grey_png(&fixture::squares());
    let declared = format!("data:image/bmp;base64,{}", base64(&file));
    assert_eq!(prepare(&declared, &LIMITS).unwrap(), prepared(&file));
}
