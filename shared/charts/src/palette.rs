//! Colours with names. The picture brings its own white ground, so it reads the same where all around it is dark.

use plotters::style::RGBColor;

/// What everything is drawn on; opaque.
pub(crate) const GROUND: RGBColor = RGBColor(0xff, 0xff, 0xff);
/// Text.
pub(crate) const INK: RGBColor = RGBColor(0x1b, 0x1f, 0x24);
/// Names of axes and what is said less loudly.
pub(crate) const QUIET: RGBColor = RGBColor(0x4a, 0x52, 0x5c);
/// Axes and the edge of the picture.
pub(crate) const AXIS: RGBColor = RGBColor(0x6b, 0x74, 0x80);
/// Lines behind the bars; they carry nothing by themselves.
pub(crate) const GRID: RGBColor = RGBColor(0xe1, 0xe5, 0xea);
/// The series, in order. They differ in brightness too, for those who do not tell the colours apart.
pub(crate) const SERIES: [RGBColor; 4] =
    [RGBColor(0x1f, 0x7a, 0x4d), RGBColor(0xb4, 0x3a, 0x00), RGBColor(0x1d, 0x4e, 0x9e), RGBColor(0x6f, 0x2c, 0x8f)];

/// The colour of a series.
pub(crate) fn series(index: usize) -> RGBColor {
    SERIES.get(index).copied().unwrap_or(QUIET)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (WCAG 2.2).
    fn luminance(RGBColor(red, green, blue): RGBColor) -> f64 {
        let part = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue)
    }

    fn contrast(one: RGBColor, other: RGBColor) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn contrast_is_counted_as_the_standard_says() {
        assert!((contrast(RGBColor(0, 0, 0), RGBColor(255, 255, 255)) - 21.0).abs() < 1e-9);
        assert!((contrast(RGBColor(0x77, 0x77, 0x77), RGBColor(255, 255, 255)) - 4.48).abs() < 0.01);
    }

    #[test]
    fn text_axes_and_bars_stand_out_from_their_ground() {
        for colour in [INK, QUIET, AXIS].into_iter().chain(SERIES) {
            assert!(contrast(colour, GROUND) >= 4.5, "{colour:?}: {}", contrast(colour, GROUND));
        }
    }
}
