//! Prints figures, one a line, each with its target.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "figures are for whoever runs it")]

use std::fmt::Display;

/// What was measured so far.
pub(crate) struct Report {
    missed: usize,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self { missed: 0 }
    }

    /// A heading.
    pub(crate) fn part(&self, name: &str) {
        println!("\n{name}");
    }

    /// A figure without a target.
    pub(crate) fn line(&self, name: &str, figure: impl Display) {
        println!("  {name:<58} {figure}");
    }

    /// A figure that may be at most this.
    pub(crate) fn most(&mut self, name: &str, figure: f64, most: f64, unit: &str) {
        let kept = figure <= most;
        self.missed += usize::from(!kept);
        println!("  {name:<58} {figure:.2}{unit} (at most {most}{unit}) {}", word(kept));
    }

    /// A count that must be exactly this.
    pub(crate) fn exactly<T: PartialEq + std::fmt::Debug>(&mut self, name: &str, counted: &T, wanted: &T) {
        let kept = counted == wanted;
        self.missed += usize::from(!kept);
        println!("  {name:<58} {counted:?} (target {wanted:?}) {}", word(kept));
    }

    /// The last line.
    pub(crate) fn end(&self) {
        println!(
            "\n{}",
            if self.missed == 0 { "every target is met".to_owned() } else { format!("{} missed", self.missed) }
        );
    }

    /// Figures of a child, for its parent.
    pub(crate) fn figures(text: &str) {
        eprintln!("{text}");
    }

    /// What ended the run.
    pub(crate) fn failed(failure: &crate::Failure) {
        eprintln!("the benchmark ended: {failure}");
    }
}

fn word(kept: bool) -> &'static str {
    if kept { "ok" } else { "MISSED" }
}

/// The middle one, and the first and third quarter.
pub(crate) fn quartiles(mut figures: Vec<f64>) -> [f64; 3] {
    figures.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| figures.get(figures.len() * quarter / 4).copied().unwrap_or(f64::NAN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_is_found() {
        assert_eq!(quartiles(vec![5.0, 1.0, 4.0, 2.0, 3.0]), [2.0, 3.0, 4.0]);
        assert!(quartiles(Vec::new())[1].is_nan());
    }
}
