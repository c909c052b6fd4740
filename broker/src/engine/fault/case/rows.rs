//! Rows of requests and answers: found, removed, put in order.

use super::Topics;
use crate::engine::fault::entities::{self, Level, RowKeys, put};
use crate::wire::dynamic::Value;

/// Whether a row has the one of these keys in it, from the level `below` on: an answer may name a topic several times.
pub(super) fn leads_to(row: &Value, levels: &[Level], keys: &[RowKeys], below: usize) -> bool {
    let (Some(level), Some(wanted)) = (levels.get(below), keys.get(below)) else {
        return true;
    };
    let rows = row.get(level.response).map_or(&[][..], Value::elements);
    rows.iter().any(|row| {
        let is_row = row
            .as_struct()
            .is_some_and(|row| entities::is_row(row, wanted));
        is_row && leads_to(row, levels, keys, below.saturating_add(1))
    })
}

/// Sorts rows as they were asked for; what nobody asked for comes last.
pub(super) fn order(answer: &mut Value, levels: &[Level], asked: &[&[RowKeys]]) {
    let Some((level, below)) = levels.split_first() else {
        return;
    };
    let Some(Value::Array(rows)) = answer.get_mut(level.response) else {
        return;
    };
    let is_first = |row: &Value, keys: &&[RowKeys]| {
        let row = row.as_struct().zip(keys.first());
        row.is_some_and(|(row, keys)| entities::is_row(row, keys))
    };
    rows.sort_by_cached_key(|row| {
        let place = asked.iter().position(|keys| is_first(row, keys));
        place.unwrap_or(usize::MAX)
    });
    for row in rows {
        let of_row = asked.iter().filter(|keys| is_first(row, keys));
        let inside: Vec<_> = of_row.filter_map(|keys| keys.get(1..)).collect();
        order(row, below, &inside);
    }
}

/// Removes a row, and the rows on the way that have nothing left.
pub(super) fn remove(body: &mut Value, levels: &[Level], at: &[usize]) {
    let (Some((level, below)), Some((index, inner))) = (levels.split_first(), at.split_first())
    else {
        return;
    };
    let (list, inner_list) = level.asked_in();
    let Some(Value::Array(rows)) = body.get_mut(list) else {
        return;
    };
    if let Some(inner_list) = inner_list {
        let level = Level {
            request: inner_list,
            ..*level
        };
        let levels: Vec<_> = [level].into_iter().chain(below.iter().copied()).collect();
        return remove_inside(rows, &levels, at);
    }
    let Some(row) = rows.get_mut(*index) else {
        return;
    };
    let is_empty = inner.is_empty() || {
        remove(row, below, inner);
        let list = below.first().map_or("", |level| level.request);
        row.get(list).is_some_and(|list| list.elements().is_empty())
    };
    if is_empty {
        rows.remove(*index);
    }
}

/// Removes a row of a list in one of these rows, where all those lists are counted as one.
fn remove_inside(rows: &mut Vec<Value>, levels: &[Level], at: &[usize]) {
    let (Some(level), Some((index, inner))) = (levels.first(), at.split_first()) else {
        return;
    };
    let mut index = *index;
    for place in 0..rows.len() {
        let Some(row) = rows.get_mut(place) else {
            return;
        };
        let count = row.get(level.request).map_or(0, |l| l.elements().len());
        let Some(beyond) = index.checked_sub(count) else {
            let at: Vec<_> = [index].into_iter().chain(inner.iter().copied()).collect();
            remove(row, levels, &at);
            let list = row.get(level.request);
            if list.is_some_and(|list| list.elements().is_empty()) {
                rows.remove(place);
            }
            return;
        };
        index = beyond;
    }
}

/// A row with what tells it apart.
pub(super) fn keyed(mut row: Value, keys: &RowKeys, topics: Topics<'_>) -> Value {
    for (field, value) in keys
        .iter()
        .filter(|(_, value)| !entities::is_nothing(value))
    {
        put(&mut row, field, value.clone());
        // A topic that was named by its id has a name in the answer.
        if let Value::Uuid(id) = value
            && let Some(name) = topics(*id)
            && !keys
                .iter()
                .any(|(_, value)| matches!(value, Value::Text(_)))
        {
            put(&mut row, "Name", Value::Text(name));
        }
    }
    row
}
