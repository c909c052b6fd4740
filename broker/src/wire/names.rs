//! Names that people type, and what they may have meant.

/// The name that is nearest to what somebody wrote.
pub(crate) fn nearest<'a>(
    written: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    names.into_iter().min_by_key(|name| distance(name, written))
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

    #[test]
    fn the_nearest_name_is_found() {
        let names = ["Produce", "Fetch", "ListOffsets"];
        assert_eq!(nearest("Prodcue", names), Some("Produce"));
        assert_eq!(nearest("ListOffset", names), Some("ListOffsets"));
        assert_eq!(nearest("x", []), None);
    }
}
