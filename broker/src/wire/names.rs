//! Names that people type, and what they may have meant.

/// The name that is nearest to what somebody wrote: by its words first, so that `NOT_LEADER` means
/// `NOT_LEADER_OR_FOLLOWER`, and then by its letters.
pub(crate) fn nearest<'a>(
    written: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let written = words(written);
    names
        .into_iter()
        .min_by_key(|name| cost(&written, &words(name)))
}

/// A name's words in lower case: names have `_`, `-`, `.` or capitals between them.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for letter in name.chars() {
        let separates = matches!(letter, '_' | '-' | '.' | ' ');
        if separates || (letter.is_ascii_uppercase() && was_small) {
            words.push(String::new());
        }
        was_small = letter.is_ascii_lowercase();
        if let Some(word) = words.last_mut().filter(|_| !separates) {
            word.push(letter.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// How far a name is from what was written: letters that differ, and two for each word that was written and is not
/// in the name. Words of the name that were left out cost one together, and so does another order of the same words.
fn cost(written: &[String], name: &[String]) -> usize {
    let (mut ours, mut theirs) = (written.to_vec(), name.to_vec());
    ours.sort_unstable();
    theirs.sort_unstable();
    if ours == theirs {
        return 1;
    }
    let beginnings = (1..=written.len()).filter_map(|words| written.get(..words));
    let costs = beginnings.flat_map(|beginning| {
        let left_out = written.len().saturating_sub(beginning.len());
        let text = beginning.join("_");
        runs(name).map(move |run| {
            let shortened = usize::from(run.len() < name.len());
            distance(&run.join("_"), &text)
                .saturating_add(left_out.saturating_mul(2))
                .saturating_add(shortened)
        })
    });
    costs.min().unwrap_or(usize::MAX)
}

/// Every part of a name that begins and ends with a word of it.
fn runs(name: &[String]) -> impl Iterator<Item = &[String]> {
    let ends = |start| (start..name.len()).map(move |end| (start, end));
    let places = (0..name.len()).flat_map(ends);
    places.filter_map(|(start, end)| name.get(start..=end))
}

/// How many letters must change, come or go to make one name of the other.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, left) in one.bytes().enumerate() {
        let mut corner = at;
        let mut before = at + 1;
        for (cell, right) in row.iter_mut().skip(1).zip(other.bytes()) {
            let above = *cell;
            before = (above + 1)
                .min(before + 1)
                .min(corner + usize::from(left != right));
            corner = above;
            *cell = before;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::nearest;
    use crate::wire::error::ErrorCode;

    #[test]
    fn the_nearest_name_is_found() {
        let names = ["Produce", "Fetch", "ListOffsets", "OffsetCommit"];
        assert_eq!(nearest("Prodcue", names), Some("Produce"));
        assert_eq!(nearest("ListOffset", names), Some("ListOffsets"));
        assert_eq!(nearest("CommitOffset", names), Some("OffsetCommit"));
        assert_eq!(nearest("x", []), None);
    }

    #[test]
    fn the_words_of_the_field_are_understood() {
        for (written, meant) in [
            ("NOT_LEADER", "NOT_LEADER_OR_FOLLOWER"),
            ("NOT_LEADR", "NOT_LEADER_OR_FOLLOWER"),
            ("NOT_LEADER_FOR_PARTITION", "NOT_LEADER_OR_FOLLOWER"),
            ("UNKNOWN_MEMBER", "UNKNOWN_MEMBER_ID"),
            ("REBALANCE", "REBALANCE_IN_PROGRESS"),
            ("NOT_COORDINATOR_FOR_GROUP", "NOT_COORDINATOR"),
            ("UNKNOWN_TOPIC", "UNKNOWN_TOPIC_OR_PARTITION"),
            ("GROUP_AUTHORIZATION", "GROUP_AUTHORIZATION_FAILED"),
        ] {
            let names: Vec<_> = ErrorCode::ALL.iter().map(|code| code.name()).collect();
            let found = nearest(written, names.iter().map(String::as_str));
            assert_eq!(found, Some(meant), "{written}");
        }
    }
}
