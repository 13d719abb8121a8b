//! Whether bytes are a picture that Telegram would take as a photo, and how large it is.

/// Width and height together may not be more, in pixels.
const MOST_PIXELS: u32 = 10_000;
/// One side may be so many times the other.
const MOST_RATIO: u32 = 20;

/// Why a photo is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It is no picture.
    NoPicture,
    /// It is too large or too long.
    Dimensions,
}

/// Width and height of a PNG, JPEG or GIF that may be a photo.
pub(super) fn photo_size(content: &[u8]) -> Result<(u32, u32), Unfit> {
    let (width, height) = size(content).filter(|(width, height)| *width > 0 && *height > 0).ok_or(Unfit::NoPicture)?;
    let long = width.max(height) > width.min(height).saturating_mul(MOST_RATIO);
    if width.saturating_add(height) > MOST_PIXELS || long {
        return Err(Unfit::Dimensions);
    }
    Ok((width, height))
}

fn size(content: &[u8]) -> Option<(u32, u32)> {
    if content.starts_with(b"\x89PNG\r\n\x1a\n") {
        return Some((u32::from_be_bytes(four(content, 16)?), u32::from_be_bytes(four(content, 20)?)));
    }
    if content.starts_with(b"GIF87a") || content.starts_with(b"GIF89a") {
        let [w0, w1, h0, h1] = four(content, 6)?;
        return Some((u16::from_le_bytes([w0, w1]).into(), u16::from_le_bytes([h0, h1]).into()));
    }
    jpeg_size(content.strip_prefix(b"\xff\xd8")?)
}

/// Walks a JPEG's segments to the one that tells the size.
fn jpeg_size(mut rest: &[u8]) -> Option<(u32, u32)> {
    loop {
        let [marker, kind, length @ ..] = four(rest, 0)?;
        if marker != 0xff {
            return None;
        }
        if matches!(kind, 0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf) {
            let [h0, h1, w0, w1] = four(rest, 5)?;
            return Some((u16::from_be_bytes([w0, w1]).into(), u16::from_be_bytes([h0, h1]).into()));
        }
        rest = rest.get(2 + usize::from(u16::from_be_bytes(length))..)?;
    }
}

fn four(content: &[u8], at: usize) -> Option<[u8; 4]> {
    content.get(at..at + 4)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32) -> Vec<u8> {
        let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
        [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &size].concat()
    }

    #[test]
    fn sizes_are_read() {
        assert_eq!(photo_size(&png(640, 480)), Ok((640, 480)));
        assert_eq!(photo_size(b"GIF89a\x02\x00\x03\x00"), Ok((2, 3)));
        let jpeg = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x00\x10\x00\x20";
        assert_eq!(photo_size(jpeg), Ok((32, 16)));
    }

    #[test]
    fn what_is_no_photo_is_told() {
        for content in [b"".as_slice(), b"text", b"\xff\xd8", b"\x89PNG\r\n\x1a\n", b"GIF89a\x00\x00\x00\x00"] {
            assert_eq!(photo_size(content), Err(Unfit::NoPicture));
        }
        for (width, height) in [(9_000, 2_000), (2_100, 100)] {
            assert_eq!(photo_size(&png(width, height)), Err(Unfit::Dimensions));
        }
    }
}
