//! The report of a run: text for people, JSON and JUnit for programs.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::runner::{Finished, Outcome, expected_differences};

/// For people: what failed and how, then a line for each area.
#[must_use]
pub fn text(finished: &[Finished]) -> String {
    let mut out = String::new();
    for done in finished {
        if let Outcome::Failed(why) = &done.outcome {
            let _ = writeln!(out, "FAILED {}\n{why}", done.case.id());
        }
    }
    let mut areas: BTreeMap<&str, [usize; 5]> = BTreeMap::new();
    for done in finished {
        let counts = areas.entry(done.case.area).or_default();
        if let Some(count) = counts.get_mut(column(&done.outcome)) {
            *count += 1;
        }
    }
    let _ = writeln!(
        out,
        "{:32} {:>7} {:>7} {:>7} {:>7} {:>8}",
        "area", "passed", "failed", "differ", "skipped", "recorded"
    );
    let mut total = [0; 5];
    for (area, counts) in &areas {
        let _ = writeln!(out, "{}", row(area, *counts));
        total
            .iter_mut()
            .zip(counts)
            .for_each(|(sum, count)| *sum += count);
    }
    let _ = writeln!(out, "{}", row("all", total));
    let differences = expected_differences();
    if !differences.is_empty() {
        let _ = writeln!(out, "\ndifferences on purpose:");
        for (case, reason) in differences {
            let _ = writeln!(out, "  {case}: {reason}");
        }
    }
    out
}

const fn column(outcome: &Outcome) -> usize {
    match outcome {
        Outcome::Passed => 0,
        Outcome::Failed(_) => 1,
        Outcome::Expected(_) => 2,
        Outcome::Skipped(_) => 3,
        Outcome::Recorded => 4,
    }
}

fn row(area: &str, [passed, failed, differ, skipped, recorded]: [usize; 5]) -> String {
    format!("{area:32} {passed:>7} {failed:>7} {differ:>7} {skipped:>7} {recorded:>8}")
}

/// One object with every case.
#[must_use]
pub fn json(finished: &[Finished]) -> Value {
    let cases = finished.iter().map(|done| {
        let (status, detail) = parts(&done.outcome);
        json!({"area": done.case.area, "case": done.case.name, "status": status, "detail": detail, "seconds": done.took.as_secs_f64()})
    });
    json!({ "cases": cases.collect::<Vec<_>>() })
}

/// JUnit's XML.
#[must_use]
pub fn junit(finished: &[Finished]) -> String {
    let failures = finished
        .iter()
        .filter(|done| matches!(done.outcome, Outcome::Failed(_)))
        .count();
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"conformance\" tests=\"{}\" failures=\"{failures}\">\n",
        finished.len()
    );
    for done in finished {
        let _ = write!(
            out,
            "  <testcase classname=\"{}\" name=\"{}\" time=\"{:.3}\">",
            done.case.area,
            escaped(&done.case.name),
            done.took.as_secs_f64()
        );
        let (_, detail) = parts(&done.outcome);
        match done.outcome {
            Outcome::Failed(_) => drop(write!(out, "<failure>{}</failure>", escaped(detail))),
            Outcome::Skipped(_) => drop(write!(out, "<skipped message=\"{}\"/>", escaped(detail))),
            Outcome::Passed | Outcome::Recorded | Outcome::Expected(_) => {}
        }
        out.push_str("</testcase>\n");
    }
    out + "</testsuite>\n"
}

fn parts(outcome: &Outcome) -> (&'static str, &str) {
    match outcome {
        Outcome::Passed => ("passed", ""),
        Outcome::Recorded => ("recorded", ""),
        Outcome::Failed(why) => ("failed", why),
        Outcome::Expected(why) => ("differs on purpose", why),
        Outcome::Skipped(why) => ("skipped", why),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::case::Case;
    use crate::profile::Profile;

    fn finished() -> Vec<Finished> {
        let outcomes = [
            Outcome::Passed,
            Outcome::Failed("- a\n+ <b>\n".into()),
            Outcome::Skipped("no".into()),
        ];
        let case = |name: usize| Case {
            area: "metadata",
            name: name.to_string(),
            profile: Profile::One,
            exclusive: false,
            run: Arc::new(|_| Ok(())),
        };
        let took = Duration::from_millis(5);
        outcomes
            .into_iter()
            .enumerate()
            .map(|(at, outcome)| Finished {
                case: case(at),
                outcome,
                took,
            })
            .collect()
    }

    #[test]
    fn text_counts_by_area_and_shows_what_failed() {
        let text = text(&finished());
        assert!(
            text.starts_with("FAILED metadata/1\n- a\n+ <b>\n"),
            "{text}"
        );
        assert!(
            text.contains(
                "\nmetadata                               1       1       0       1        0\n"
            ),
            "{text}"
        );
    }

    #[test]
    fn junit_is_escaped() {
        let xml = junit(&finished());
        assert!(xml.contains("tests=\"3\" failures=\"1\""), "{xml}");
        assert!(
            xml.contains("<failure>- a\n+ &lt;b&gt;\n</failure>"),
            "{xml}"
        );
    }

    #[test]
    fn json_names_every_case() {
        assert_eq!(json(&finished())["cases"][2]["status"], "skipped");
    }
}
