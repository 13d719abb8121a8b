//! The drawing, the same for every kind of picture: ground, title, legend, axes, bars, the amounts at their ends.

use plotters::{
    coord::Shift,
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

use crate::{
    Shape, amount, font,
    palette::{self, AXIS, GRID, GROUND, INK, QUIET},
    plan::{Bar, HEAD, Plan, TEXT, TITLE},
};

/// What the drawing fails with.
type Failure<DB> = DrawingAreaErrorKind<<DB as DrawingBackend>::ErrorType>;
/// The room for the amounts below bars, or the names below columns, in pixels.
const BELOW: u32 = 62;
/// From the end of a bar to its amount, in pixels.
const BESIDE: i32 = 6;

/// Draws all of it.
pub(crate) fn draw<DB: DrawingBackend>(root: &DrawingArea<DB, Shift>, plan: &Plan) -> Result<(), Failure<DB>> {
    root.fill(&GROUND)?;
    let (width, height) = (edge(plan.size.0), edge(plan.size.1));
    root.draw(&Rectangle::new([(0, 0), (width - 1, height - 1)], AXIS))?;
    root.draw(&Text::new(plan.title.as_str(), (24, 30), style(TITLE, &INK, HPos::Left)))?;
    legend(root, plan)?;
    let (_, body) = root.split_vertically(HEAD);
    match plan.shape {
        Shape::Bars => bars(&body, plan)?,
        Shape::Columns => columns(&body, plan)?,
    }
    if let Some(nothing) = &plan.nothing {
        root.draw(&Text::new(nothing.as_str(), (width / 2, height / 2), style(TEXT, &QUIET, HPos::Center)))?;
    }
    root.present()
}

fn edge(pixels: u32) -> i32 {
    i32::try_from(pixels).unwrap_or(i32::MAX)
}

fn style(size: u32, colour: &'static RGBColor, side: HPos) -> TextStyle<'static> {
    TextStyle::from((font::FAMILY, size)).color(colour).pos(Pos::new(side, VPos::Center))
}

/// A patch of colour and a name for each series.
fn legend<DB: DrawingBackend>(root: &DrawingArea<DB, Shift>, plan: &Plan) -> Result<(), Failure<DB>> {
    let mut left = 24;
    for (index, name) in plan.series.iter().enumerate() {
        root.draw(&Rectangle::new([(left, 57), (left + 14, 71)], palette::series(index).filled()))?;
        root.draw(&Text::new(name.as_str(), (left + 22, 64), style(TEXT, &INK, HPos::Left)))?;
        left += 22 + edge(font::width(name, TEXT)) + 28;
    }
    Ok(())
}

fn bars<DB: DrawingBackend>(body: &DrawingArea<DB, Shift>, plan: &Plan) -> Result<(), Failure<DB>> {
    let mut plot = ChartBuilder::on(body)
        .margin_right(24)
        .margin_left(12)
        .margin_bottom(8)
        .set_label_area_size(LabelAreaPosition::Left, plan.left)
        .set_label_area_size(LabelAreaPosition::Bottom, BELOW)
        .build_cartesian_2d(plan.low..plan.high, (0..plan.length()).with_key_points(plan.middles()))?;
    plot.configure_mesh()
        .disable_y_mesh()
        .x_labels(7)
        .x_label_formatter(&|minor| amount::short(*minor, plan.scale))
        .y_label_formatter(&|middle| plan.label(*middle))
        .x_desc(plan.unit.as_str())
        .y_desc(plan.groups_are.as_str())
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(AXIS)
        .label_style(style(TEXT, &INK, HPos::Center))
        .axis_desc_style(style(TEXT, &QUIET, HPos::Center))
        .draw()?;
    plot.draw_series(
        plan.bars()
            .into_iter()
            .map(|bar| Rectangle::new([(0, bar.from), (bar.long, bar.to)], palette::series(bar.series).filled())),
    )?;
    plot.draw_series([PathElement::new([(0, 0), (0, plan.length())], AXIS)])?;
    plot.draw_series(plan.bars().into_iter().filter(|bar| bar.long != 0).map(|bar| {
        let (beside, side) = if bar.long < 0 { (-BESIDE, HPos::Right) } else { (BESIDE, HPos::Left) };
        let at = (bar.long, i32::midpoint(bar.from, bar.to));
        EmptyElement::at(at) + Text::new(bar.told, (beside, 0), style(TEXT, &INK, side))
    }))?;
    Ok(())
}

fn columns<DB: DrawingBackend>(body: &DrawingArea<DB, Shift>, plan: &Plan) -> Result<(), Failure<DB>> {
    let mut plot = ChartBuilder::on(body)
        .margin_right(24)
        .margin_left(12)
        .margin_bottom(8)
        .set_label_area_size(LabelAreaPosition::Left, plan.left)
        .set_label_area_size(LabelAreaPosition::Bottom, BELOW)
        .build_cartesian_2d((0..plan.length()).with_key_points(plan.middles()), plan.low..plan.high)?;
    plot.configure_mesh()
        .disable_x_mesh()
        .y_labels(8)
        .y_label_formatter(&|minor| amount::short(*minor, plan.scale))
        .x_label_formatter(&|middle| plan.label(*middle))
        .y_desc(plan.unit.as_str())
        .x_desc(plan.groups_are.as_str())
        .bold_line_style(GRID)
        .light_line_style(TRANSPARENT)
        .axis_style(AXIS)
        .label_style(style(TEXT, &INK, HPos::Center))
        .axis_desc_style(style(TEXT, &QUIET, HPos::Center))
        .draw()?;
    plot.draw_series(plan.bars().into_iter().map(|Bar { series, from, to, long, .. }| {
        Rectangle::new([(from, 0), (to, long)], palette::series(series).filled())
    }))?;
    plot.draw_series([PathElement::new([(0, 0), (plan.length(), 0)], AXIS)])?;
    Ok(())
}
