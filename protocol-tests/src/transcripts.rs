//! The recorded transcripts: one file for each area, one section for each case.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

/// The folder of the recorded transcripts.
#[must_use]
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/transcripts")
}

/// The recorded transcripts of an area, by case; none when nothing was recorded.
///
/// # Errors
/// When the file cannot be read.
pub fn load(area: &str) -> Result<BTreeMap<String, String>> {
    let path = folder().join(format!("{area}.txt"));
    if !path.exists() {
        return Ok(BTreeMap::new());
    }
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let sections = text.split("\n== ").skip(1);
    Ok(sections
        .filter_map(|section| section.split_once('\n'))
        .map(|(name, body)| (name.to_owned(), body.trim_end().to_owned() + "\n"))
        .collect())
}

/// Writes an area's transcripts in this order, unless they are there already.
///
/// # Errors
/// When the file cannot be written.
pub fn store(
    area: &str,
    provenance: &str,
    order: &[String],
    cases: &BTreeMap<String, String>,
) -> Result<()> {
    let known = load(area)?;
    let kept: BTreeMap<_, _> = cases
        .iter()
        .filter(|(name, _)| order.contains(name))
        .collect();
    if known.iter().eq(kept) {
        return Ok(());
    }
    let mut text = format!("# {area}\n# {provenance}\n");
    for name in order {
        if let Some(body) = cases.get(name) {
            text += &format!("\n== {name}\n{body}");
        }
    }
    fs::create_dir_all(folder())?;
    fs::write(folder().join(format!("{area}.txt")), text).with_context(|| area.to_owned())
}

/// The lines that differ, with a little of what surrounds them.
#[must_use]
pub fn difference(expected: &str, actual: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (expected.lines().collect(), actual.lines().collect());
    let lengths = common_lengths(&old, &new);
    let (mut i, mut j) = (0, 0);
    let mut marked = Vec::new();
    while i < old.len() || j < new.len() {
        let at = |i: usize, j: usize| {
            lengths
                .get(i)
                .and_then(|row: &Vec<usize>| row.get(j))
                .copied()
                .unwrap_or(0)
        };
        match (old.get(i), new.get(j)) {
            (Some(a), Some(b)) if a == b => {
                marked.push((' ', *a));
                (i, j) = (i + 1, j + 1);
            }
            (Some(a), b) if b.is_none() || at(i + 1, j) >= at(i, j + 1) => {
                marked.push(('-', *a));
                i += 1;
            }
            (_, Some(b)) => {
                marked.push(('+', *b));
                j += 1;
            }
            (_, None) => break,
        }
    }
    let near = |at: usize| {
        let from = at.saturating_sub(2);
        marked
            .iter()
            .skip(from)
            .take(at - from + 3)
            .any(|(mark, _)| *mark != ' ')
    };
    let shown = marked.iter().enumerate().filter(|(at, _)| near(*at));
    shown
        .map(|(_, (mark, line))| format!("  {mark} {line}\n"))
        .collect()
}

/// Lengths of the longest common subsequences of the two rests, from each pair of positions.
fn common_lengths(old: &[&str], new: &[&str]) -> Vec<Vec<usize>> {
    let mut rows = vec![vec![0; new.len() + 1]];
    for a in old.iter().rev() {
        let below = rows.last().cloned().unwrap_or_default();
        let mut row = vec![0];
        for (j, b) in new.iter().enumerate().rev() {
            let pick = |values: &[usize], at: usize| values.get(at).copied().unwrap_or(0);
            let right = row.last().copied().unwrap_or(0);
            let best = if a == b {
                pick(&below, j + 1) + 1
            } else {
                right.max(pick(&below, j))
            };
            row.push(best);
        }
        row.reverse();
        rows.push(row);
    }
    rows.reverse();
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_are_marked() {
        assert_eq!(
            difference("a\nb\nc\n", "a\nx\nc\n"),
            "    a\n  - b\n  + x\n    c\n"
        );
        assert_eq!(difference("a\n", "a\nb\n"), "    a\n  + b\n");
    }
}
