//! What a row says that is an error.

use super::{ErrorField, Fill};
use crate::wire::dynamic::Value;
use crate::wire::error::ErrorCode;

impl ErrorField {
    /// Makes a row say that it is an error; `request` is what it answers.
    pub(crate) fn set_error(
        &self,
        row: &mut Value,
        code: ErrorCode,
        version: i16,
        request: &Value,
    ) {
        put(row, self.field, Value::Int(code.code().into()));
        let message = format!("{}Message", self.field.trim_end_matches("Code"));
        if matches!(row.get(&message), Some(Value::Text(_) | Value::Null)) {
            let text = Some(code).filter(|code| self.texts.includes(*code));
            let text = text.and_then(ErrorCode::text);
            let text = text.map_or(Value::Null, |text| Value::Text(text.to_owned()));
            put(row, &message, text);
        }
        for (field, fill) in self.fill {
            match fill {
                Fill::Int(number) => put(row, field, Value::Int(*number)),
                Fill::IntFor(only, number) if *only == code => {
                    put(row, field, Value::Int(*number));
                }
                Fill::Text(text) => put(row, field, Value::Text((*text).to_owned())),
                Fill::NullSince(since) if *since <= version => {
                    put(row, field, Value::Null);
                }
                Fill::NullFor(codes) if codes.contains(&code) => put(row, field, Value::Null),
                Fill::TextFor(only, text) if *only == code => {
                    put(row, field, Value::Text((*text).to_owned()));
                }
                Fill::IntFor(..) | Fill::NullSince(_) | Fill::NullFor(_) | Fill::TextFor(..) => {}
                Fill::Request(from) => {
                    if let Some(value) = request.get(from) {
                        put(row, field, value.clone());
                    }
                }
            }
        }
    }
}

/// Sets a field, where the version has it.
pub(crate) fn put(row: &mut Value, field: &str, value: Value) {
    if let Some(place) = row.get_mut(field) {
        *place = value;
    }
}
