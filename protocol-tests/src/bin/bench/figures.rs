//! What was measured, by row and server: medians, how far the rounds are apart, and ratios.

use std::fmt::Write as _;

/// The rows of one table, in the order in which they were first measured.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    servers: usize,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    name: String,
    unit: &'static str,
    /// By server, one figure of each round.
    measured: Vec<Vec<f64>>,
}

/// What several rounds gave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) least: f64,
    pub(crate) median: f64,
    pub(crate) most: f64,
}

impl Spread {
    /// Of two in the middle, the median is their mean.
    pub(crate) fn of(measured: &[f64]) -> Option<Self> {
        let mut sorted = measured.to_vec();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted.len() / 2;
        let upper = *sorted.get(middle)?;
        let median = if sorted.len().is_multiple_of(2) {
            f64::midpoint(*sorted.get(middle - 1)?, upper)
        } else {
            upper
        };
        Some(Self {
            least: *sorted.first()?,
            median,
            most: *sorted.last()?,
        })
    }
}

impl Figures {
    pub(crate) fn new(servers: usize) -> Self {
        Self {
            servers,
            rows: Vec::new(),
        }
    }

    /// Writes down one figure of one round.
    pub(crate) fn add(&mut self, server: usize, name: &str, unit: &'static str, figure: f64) {
        let found = self.rows.iter().position(|row| row.name == name);
        let at = found.unwrap_or_else(|| {
            self.rows.push(Row {
                name: name.to_owned(),
                unit,
                measured: vec![Vec::new(); self.servers],
            });
            self.rows.len() - 1
        });
        let row = self.rows.get_mut(at);
        if let Some(measured) = row.and_then(|row| row.measured.get_mut(server)) {
            measured.push(figure);
        }
    }

    /// A table in Markdown. Behind each server but the first stands how many times its figure the first one's is.
    pub(crate) fn markdown(&self, servers: &[&str]) -> String {
        let mut text = String::from("| measure | unit |");
        let mut line = String::from("| --- | --- |");
        for (place, server) in servers.iter().enumerate() {
            let _written = write!(text, " {server} |");
            line += " ---: |";
            if place > 0 {
                text += " ratio |";
                line += " ---: |";
            }
        }
        text = format!("{text}\n{line}\n");
        for row in &self.rows {
            let spreads: Vec<_> = row.measured.iter().map(|all| Spread::of(all)).collect();
            let first = spreads.first().copied().flatten();
            let _written = write!(text, "| {} | {} |", row.name, row.unit);
            for (place, spread) in spreads.iter().enumerate() {
                let _written = write!(text, " {} |", cell(*spread));
                if place > 0 {
                    let _written = write!(text, " {} |", ratio(first, *spread));
                }
            }
            text.push('\n');
        }
        text
    }
}

/// The median, and the least and the most if the rounds differ.
fn cell(spread: Option<Spread>) -> String {
    let Some(spread) = spread else {
        return "–".to_owned();
    };
    let [least, median, most] = [spread.least, spread.median, spread.most].map(digits);
    if least == most {
        median
    } else {
        format!("{median} ({least}–{most})")
    }
}

/// How many times the other's median the first one's is.
fn ratio(first: Option<Spread>, other: Option<Spread>) -> String {
    match (first, other) {
        (Some(first), Some(other)) if other.median > 0.0 => {
            format!("{:.2}", first.median / other.median)
        }
        _ => "–".to_owned(),
    }
}

/// Three digits that count, but none of a whole number is left out.
fn digits(figure: f64) -> String {
    let size = figure.abs();
    let decimals = if size >= 99.95 {
        0
    } else if size >= 9.995 {
        1
    } else {
        2
    };
    format!("{figure:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_of_an_odd_number_is_the_middle_one() {
        let spread = Spread::of(&[3.0, 1.0, 2.0]);
        let expected = Spread {
            least: 1.0,
            median: 2.0,
            most: 3.0,
        };
        assert_eq!(spread, Some(expected));
    }

    #[test]
    fn the_median_of_an_even_number_is_the_mean_of_two() {
        let median = Spread::of(&[4.0, 1.0, 2.0, 10.0]).map(|spread| spread.median);
        assert_eq!(median, Some(3.0));
        assert_eq!(Spread::of(&[]), None);
    }

    #[test]
    fn figures_have_three_digits_that_count() {
        let written = [0.2468, 9.994, 9.996, 12.34, 99.96, 1234.5].map(digits);
        assert_eq!(written, ["0.25", "9.99", "10.0", "12.3", "100", "1234"]);
    }

    #[test]
    fn a_table_has_medians_spreads_and_ratios() {
        let mut figures = Figures::new(3);
        for (server, figure) in [(0, 1.0), (1, 4.0), (0, 3.0), (1, 4.0), (0, 2.0)] {
            figures.add(server, "produce", "CPU s per GB", figure);
        }
        figures.add(1, "fetch", "ms", 5.0);
        let expected = "\
| measure | unit | Fauxka | kfake | ratio | tansu | ratio |
| --- | --- | ---: | ---: | ---: | ---: | ---: |
| produce | CPU s per GB | 2.00 (1.00–3.00) | 4.00 | 0.50 | – | – |
| fetch | ms | – | 5.00 | – | – | – |
";
        assert_eq!(figures.markdown(&["Fauxka", "kfake", "tansu"]), expected);
    }
}
