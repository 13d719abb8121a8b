//! What is drawn where: texts that fit, small groups folded together, the reach of the axis. All of it in whole numbers.

use crate::{BARS_MOST, COLUMNS_MOST, Chart, ChartError, Group, SERIES_MOST, Shape, amount, font};

/// The size of names and amounts, in pixels.
pub(crate) const TEXT: u32 = 17;
/// The size of the title, in pixels.
pub(crate) const TITLE: u32 = 26;
/// The height of title and legend together, in pixels.
pub(crate) const HEAD: u32 = 84;
/// How long a group is on its axis. A group's bars leave [`GAP`] free on both sides.
pub(crate) const GROUP: i32 = 1000;
/// Free on both sides of a group's bars.
pub(crate) const GAP: i32 = 140;
/// The least width of a picture, in pixels.
const WIDTH: u32 = 960;
/// The widest label of a group beside its bars, in pixels.
const LABEL: u32 = 230;
/// No bar is drawn longer than this many minor units: it would leave the range that the axis can count in.
const REACH: i64 = 100_000_000_000_000_000;

/// A chart ready to be drawn.
pub(crate) struct Plan {
    pub(crate) shape: Shape,
    pub(crate) title: String,
    pub(crate) unit: String,
    pub(crate) groups_are: String,
    pub(crate) series: Vec<String>,
    pub(crate) groups: Vec<Group>,
    pub(crate) scale: u32,
    /// Said in the middle where there is nothing to show.
    pub(crate) nothing: Option<String>,
    /// Width and height, in pixels.
    pub(crate) size: (u32, u32),
    /// The room for names left of the plot, in pixels.
    pub(crate) left: u32,
    /// Where the axis of amounts begins and ends, in minor units.
    pub(crate) low: i64,
    /// See `low`.
    pub(crate) high: i64,
}

/// A bar: from where to where along the groups, and how long.
pub(crate) struct Bar {
    pub(crate) series: usize,
    pub(crate) from: i32,
    pub(crate) to: i32,
    /// As it is drawn, in minor units.
    pub(crate) long: i64,
    /// As it is told.
    pub(crate) told: String,
}

impl Plan {
    /// # Errors
    /// Where it is no chart.
    pub(crate) fn of(chart: &Chart) -> Result<Self, ChartError> {
        font::ready()?;
        check(chart)?;
        let groups = match chart.shape {
            Shape::Bars => folded(chart),
            Shape::Columns => chart.groups.clone(),
        };
        let groups: Vec<Group> = groups.into_iter().map(|group| shortened(group, chart.shape)).collect();
        let empty = groups.iter().flat_map(|group| &group.values).all(|value| *value == 0);
        let (low, high) = reach(chart.shape, &groups, chart.scale);
        let size = size(chart.shape, groups.len(), chart.series.len());
        Ok(Self {
            shape: chart.shape,
            title: font::fitted(&chart.title, TITLE, size.0 - 48),
            unit: font::fitted(&chart.unit, TEXT, LABEL),
            groups_are: font::fitted(&chart.groups_are, TEXT, LABEL),
            series: chart.series.iter().map(|name| font::fitted(name, TEXT, (size.0 - 48) / 4 - 40)).collect(),
            left: left(chart.shape, &groups, (low, high), chart.scale),
            scale: chart.scale,
            nothing: empty.then(|| font::fitted(&chart.nothing, TEXT, size.0 / 2)),
            groups,
            size,
            low,
            high,
        })
    }

    /// How long the axis of the groups is.
    pub(crate) fn length(&self) -> i32 {
        GROUP.saturating_mul(i32::try_from(self.groups.len().max(1)).unwrap_or(1))
    }

    /// Where a group begins on its axis: bars are read from the top, columns from the left.
    pub(crate) fn begin(&self, group: usize) -> i32 {
        let group = i32::try_from(group).unwrap_or(0);
        match self.shape {
            Shape::Columns => group * GROUP,
            Shape::Bars => self.length() - (group + 1) * GROUP,
        }
    }

    /// The middles of the groups, where their names stand.
    pub(crate) fn middles(&self) -> Vec<i32> {
        (0..self.groups.len()).map(|group| self.begin(group) + GROUP / 2).collect()
    }

    /// The name of the group whose middle this is.
    pub(crate) fn label(&self, middle: i32) -> String {
        let found = self.groups.iter().enumerate().find(|(index, _)| self.begin(*index) + GROUP / 2 == middle);
        found.map(|(_, group)| group.label.clone()).unwrap_or_default()
    }

    /// All bars.
    pub(crate) fn bars(&self) -> Vec<Bar> {
        let thick = (GROUP - 2 * GAP) / i32::try_from(self.series.len()).unwrap_or(1);
        let mut bars = Vec::new();
        for (index, group) in self.groups.iter().enumerate() {
            for (series, value) in group.values.iter().enumerate() {
                let order = match self.shape {
                    Shape::Columns => series,
                    Shape::Bars => self.series.len() - 1 - series,
                };
                let from = self.begin(index) + GAP + thick * i32::try_from(order).unwrap_or(0);
                let told = amount::full(*value, self.scale);
                bars.push(Bar { series, from, to: from + thick, long: (*value).clamp(-REACH, REACH), told });
            }
        }
        bars
    }
}

fn check(chart: &Chart) -> Result<(), ChartError> {
    let series = chart.series.len();
    let fits = (1..=SERIES_MOST).contains(&series) && chart.groups.iter().all(|group| group.values.len() == series);
    let many = chart.shape == Shape::Columns && chart.groups.len() > COLUMNS_MOST;
    if fits && !many { Ok(()) } else { Err(ChartError::Form) }
}

/// The largest groups first, the rest in one.
fn folded(chart: &Chart) -> Vec<Group> {
    let weight = |group: &Group| group.values.iter().map(|value| u128::from(value.unsigned_abs())).sum::<u128>();
    let mut groups = chart.groups.clone();
    groups.sort_by(|one, other| weight(other).cmp(&weight(one)).then_with(|| one.label.cmp(&other.label)));
    if groups.len() > BARS_MOST {
        let rest = groups.split_off(BARS_MOST - 1);
        let sum = |series: usize| {
            let values = rest.iter().filter_map(|group| group.values.get(series));
            let sum: i128 = values.map(|value| i128::from(*value)).sum();
            i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX })
        };
        groups.push(Group { label: chart.other.clone(), values: (0..chart.series.len()).map(sum).collect() });
    }
    groups
}

fn shortened(group: Group, shape: Shape) -> Group {
    let most = match shape {
        Shape::Bars => LABEL,
        Shape::Columns => 74,
    };
    Group { label: font::fitted(&group.label, TEXT, most), ..group }
}

/// From the least to the greatest amount, nought between them, with room for what is written at the ends.
fn reach(shape: Shape, groups: &[Group], scale: u32) -> (i64, i64) {
    let values = || groups.iter().flat_map(|group| &group.values).map(|value| (*value).clamp(-REACH, REACH));
    let (least, greatest) = (values().min().unwrap_or(0).min(0), values().max().unwrap_or(0).max(0));
    if least == 0 && greatest == 0 {
        return (0, 10_i64.pow(scale.min(15)).max(10));
    }
    let room = (greatest - least) / if shape == Shape::Bars { 4 } else { 10 } + 1;
    (if least < 0 { least - room } else { 0 }, if greatest > 0 { greatest + room } else { 0 })
}

fn size(shape: Shape, groups: usize, series: usize) -> (u32, u32) {
    let count = |number: usize| u32::try_from(number).unwrap_or(1);
    match shape {
        Shape::Bars => (WIDTH, HEAD + 90 + (count(groups).max(3)) * (18 + 22 * count(series))),
        Shape::Columns => (WIDTH.max(160 + 78 * count(groups)), 560),
    }
}

/// Wide enough for the names, or for the amounts at the ends of the axis.
fn left(shape: Shape, groups: &[Group], (low, high): (i64, i64), scale: u32) -> u32 {
    let widest = match shape {
        Shape::Bars => groups.iter().map(|group| font::width(&group.label, TEXT)).max(),
        Shape::Columns => [low, high].into_iter().map(|end| font::width(&amount::short(end, scale), TEXT)).max(),
    };
    widest.unwrap_or(0) + 44
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(shape: Shape, values: &[i64]) -> Chart {
        let group = |(index, value): (usize, &i64)| Group { label: format!("g{index:02}"), values: vec![*value] };
        Chart {
            shape,
            title: "t".into(),
            unit: "EUR".into(),
            groups_are: "g".into(),
            series: vec!["s".into()],
            groups: values.iter().enumerate().map(group).collect(),
            scale: 2,
            other: "Other".into(),
            nothing: "Nothing".into(),
        }
    }

    #[test]
    fn the_smallest_are_folded_and_nothing_is_lost() {
        let values: Vec<i64> = (1..=40).collect();
        let plan = Plan::of(&chart(Shape::Bars, &values)).unwrap();
        assert_eq!(plan.groups.len(), BARS_MOST);
        assert_eq!(plan.groups.first().unwrap().values, [40]);
        assert_eq!(plan.groups.last().unwrap(), &Group { label: "Other".into(), values: vec![(1..=29).sum()] });
        let twelve: Vec<i64> = (1..=12).collect();
        assert!(Plan::of(&chart(Shape::Bars, &twelve)).unwrap().groups.iter().all(|group| group.label != "Other"));
    }

    #[test]
    fn columns_keep_their_order() {
        let plan = Plan::of(&chart(Shape::Columns, &[3, 1, 2])).unwrap();
        let labels: Vec<_> = plan.groups.iter().map(|group| group.label.as_str()).collect();
        assert_eq!(labels, ["g00", "g01", "g02"]);
    }

    #[test]
    fn nought_lies_on_the_axis_and_the_ends_have_room() {
        for values in [vec![100], vec![-100], vec![-7, 9], vec![0], vec![], vec![i64::MIN, i64::MAX]] {
            let plan = Plan::of(&chart(Shape::Columns, &values)).unwrap();
            assert!(plan.low <= 0 && plan.high >= 0 && plan.low < plan.high, "{values:?}");
            assert!(plan.bars().iter().all(|bar| plan.low <= bar.long && bar.long <= plan.high), "{values:?}");
            assert_eq!(plan.nothing.is_some(), values.iter().all(|value| *value == 0));
        }
    }

    #[test]
    fn what_is_no_chart_is_refused() {
        assert!(Plan::of(&chart(Shape::Columns, &[1; 25])).is_err());
        let mut none = chart(Shape::Bars, &[1]);
        none.series.clear();
        assert!(Plan::of(&none).is_err());
        let mut missing = chart(Shape::Bars, &[1]);
        missing.series.push("second".into());
        assert!(Plan::of(&missing).is_err());
    }
}
