//! Changing fields of an answer.

use serde_json::Value as Json;

use super::case::{Case, Topics};
use super::entities::NamedRow;
use crate::wire::dynamic::{Misfit, Shape, Value};

impl Case {
    /// Puts a value at a path of the answer: in every element of the arrays on the way, of those
    /// that `selects` means.
    pub(crate) fn edit(
        &self,
        answer: &Value,
        path: &str,
        value: &Json,
        selects: &dyn Fn(&NamedRow) -> bool,
        topics: Topics<'_>,
    ) -> Result<Value, Misfit> {
        let wrong = |why: String| Misfit {
            path: path.to_owned(),
            why,
        };
        let shape = Shape::response(self.api.key(), self.version)
            .map_err(|error| wrong(error.to_string()))?;
        let mut json = answer.to_json();
        let names: Vec<&str> = path.split('.').collect();
        let rows = self.answer_rows(answer, topics);
        let is_meant = |at: &[usize]| {
            let mut of_row = rows.iter().filter(|row| row.at == at);
            of_row.all(selects)
        };
        place(&mut json, &names, value, &mut Vec::new(), &is_meant).map_err(wrong)?;
        shape.read_json(&json)
    }
}

/// Walks to the end of the path; `at` is where the walk is in the lists on the way.
fn place(
    json: &mut Json,
    names: &[&str],
    value: &Json,
    at: &mut Vec<usize>,
    is_meant: &dyn Fn(&[usize]) -> bool,
) -> Result<(), String> {
    if let Json::Array(elements) = json {
        for (index, element) in elements.iter_mut().enumerate() {
            at.push(index);
            if is_meant(at) {
                place(element, names, value, at, is_meant)?;
            }
            at.pop();
        }
        return Ok(());
    }
    let Some((name, rest)) = names.split_first() else {
        *json = value.clone();
        return Ok(());
    };
    let Json::Object(fields) = json else {
        return Err(format!("there is no field {name} in what is not a struct"));
    };
    let mut letters = name.chars();
    let first = letters.next().map(|first| first.to_ascii_lowercase());
    let small: String = first.into_iter().chain(letters).collect();
    if rest.is_empty() {
        fields.insert(small, value.clone());
        return Ok(());
    }
    let field = fields
        .get_mut(&small)
        .ok_or_else(|| format!("there is no field {name}"))?;
    place(field, rest, value, at, is_meant)
}
