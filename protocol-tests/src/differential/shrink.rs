//! Making a difference smaller.

use anyhow::Result;
use serde_json::Value;

use super::{Step, Told};

/// The first step to which the clusters said different things; the number of steps for what came after all.
#[must_use]
pub fn first_difference(one: &Told, other: &Told) -> Option<usize> {
    one.iter().zip(other).position(|(one, other)| one != other)
}

/// Takes away requests, then elements and fields, as long as a difference is left.
///
/// # Errors
/// What `differs` fails with.
pub fn smallest(
    mut steps: Vec<Step>,
    mut differs: impl FnMut(&[Step]) -> Result<bool>,
) -> Result<Vec<Step>> {
    let mut at = steps.len();
    while at > 0 {
        at -= 1;
        let mut fewer = steps.clone();
        fewer.remove(at);
        if !fewer.is_empty() && differs(&fewer)? {
            steps = fewer;
        }
    }
    for at in 0..steps.len() {
        let mut tried = 0;
        loop {
            let variants = smaller(&steps[at].body);
            let Some(body) = variants.into_iter().nth(tried) else {
                break;
            };
            let mut fewer = steps.clone();
            fewer[at].body = body;
            if differs(&fewer)? {
                steps = fewer;
            } else {
                tried += 1;
            }
        }
    }
    Ok(steps)
}

/// The value without one of the elements of one of its lists.
fn smaller(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => {
            let without = (0..items.len()).filter(|_| items.len() > 1).map(|at| {
                let mut fewer = items.clone();
                fewer.remove(at);
                Value::Array(fewer)
            });
            let inside = items.iter().enumerate().flat_map(|(at, item)| {
                smaller(item).into_iter().map(move |item| {
                    let mut items = items.clone();
                    items[at] = item;
                    Value::Array(items)
                })
            });
            without.chain(inside).collect()
        }
        Value::Object(map) if !map.keys().any(|name| name.starts_with('$')) => map
            .iter()
            .flat_map(|(name, item)| {
                smaller(item).into_iter().map(move |item| {
                    let mut map = map.clone();
                    map.insert(name.clone(), item);
                    Value::Object(map)
                })
            })
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::differential::sequence;
    use crate::differential::themes::THEMES;

    fn apis(steps: &[Step]) -> Vec<&'static str> {
        steps.iter().map(|step| step.api).collect()
    }

    #[test]
    fn only_what_it_takes_is_left() {
        for theme in THEMES {
            for seed in 0..50 {
                let steps = sequence(theme, seed).unwrap();
                assert_eq!(apis(&steps), apis(&sequence(theme, seed).unwrap()));
                let wanted = steps.last().unwrap().api;
                let has = |fewer: &[Step]| Ok(fewer.iter().any(|step| step.api == wanted));
                assert_eq!(apis(&smallest(steps, has).unwrap()), [wanted]);
            }
        }
    }
}
