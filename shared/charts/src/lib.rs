//! Draws amounts as bars and columns, in SVG and PNG, with one drawing code: `plotters` draws, this crate says what.

mod amount;
mod draw;
mod font;
mod palette;
mod plan;
pub mod report;

use plotters::prelude::{BitMapBackend, IntoDrawingArea, SVGBackend};

use plan::Plan;

/// The most groups of a chart of bars: the smallest of more are folded into one.
pub const BARS_MOST: usize = 12;
/// The most groups of a chart of columns.
pub const COLUMNS_MOST: usize = 24;
/// The most series of a chart.
pub const SERIES_MOST: usize = 4;

/// How groups are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Bars from left to right, one group below the other, the largest first: categories, members, wallets.
    Bars,
    /// Columns side by side, in the order given: months.
    Columns,
}

/// A chart, in the reader's words. Text may hold anything: it is cleaned, shortened and escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// How groups are laid out.
    pub shape: Shape,
    /// What the chart shows, on top.
    pub title: String,
    /// What the amounts are counted in, beside their axis: `EUR`.
    pub unit: String,
    /// What the groups are, beside their axis: `Category`.
    pub groups_are: String,
    /// The names of the series, in the order of the values; at most [`SERIES_MOST`].
    pub series: Vec<String>,
    /// What is compared.
    pub groups: Vec<Group>,
    /// How many of an amount's digits are decimals.
    pub scale: u32,
    /// The name of what is folded together: `Other`.
    pub other: String,
    /// What is said where there is nothing to show.
    pub nothing: String,
}

/// One group of bars: a category, a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub label: String,
    /// One amount per series, in minor units.
    pub values: Vec<i64>,
}

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum ChartError {
    /// More series or columns than a chart holds, none at all, or values that do not fit the series.
    #[error(
        "a chart holds 1 to {SERIES_MOST} series, at most {COLUMNS_MOST} columns, and a value per series and group"
    )]
    Form,
    /// The drawing failed.
    #[error("the chart could not be drawn: {0}")]
    Drawing(String),
    /// The picture could not be written.
    #[error("the picture could not be written: {0}")]
    Encoding(#[from] png::EncodingError),
}

/// The chart as an SVG document. The same chart gives the same bytes.
///
/// # Errors
/// Where it is no chart, or cannot be drawn.
pub fn svg(chart: &Chart) -> Result<String, ChartError> {
    let plan = Plan::of(chart)?;
    let mut text = String::new();
    let backend = SVGBackend::with_string(&mut text, plan.size);
    draw::draw(&backend.into_drawing_area(), &plan).map_err(|error| ChartError::Drawing(error.to_string()))?;
    Ok(text)
}

/// The chart as a PNG picture of 8 bits a channel. The same chart gives the same bytes.
///
/// # Errors
/// Where it is no chart, or cannot be drawn or written.
pub fn png(chart: &Chart) -> Result<Vec<u8>, ChartError> {
    let plan = Plan::of(chart)?;
    let (width, height) = plan.size;
    let mut pixels = vec![0; 3 * width as usize * height as usize];
    let backend = BitMapBackend::with_buffer(&mut pixels, plan.size);
    draw::draw(&backend.into_drawing_area(), &plan).map_err(|error| ChartError::Drawing(error.to_string()))?;
    let mut bytes = Vec::new();
    let mut encoder = ::png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(::png::ColorType::Rgb);
    encoder.set_depth(::png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(bytes)
}
