//! Values of settings: read, checked and printed as Kafka does, down to the words of its refusals.

use super::key::{ConfigKey, ConfigType};
use crate::engine::java::text;

/// A setting's value after parsing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// No value at all.
    Null,
    /// Of a boolean setting.
    Boolean(bool),
    /// Of an int, short or long setting.
    Number(i64),
    /// Of a double setting.
    Double(f64),
    /// Of a string, class or password setting.
    Text(String),
    /// Of a list setting.
    List(Vec<String>),
}

impl Value {
    /// The default of `key`. A default is always well-formed; a test reads them all.
    pub(crate) fn default_of(key: &ConfigKey) -> Self {
        key.default
            .and_then(|text| parse(key, text).ok())
            .unwrap_or(Self::Null)
    }

    /// The number of an int, short or long setting.
    pub(crate) fn number(&self) -> Option<i64> {
        if let Self::Number(number) = self {
            Some(*number)
        } else {
            None
        }
    }

    /// The elements of a list.
    pub(super) fn elements(&self) -> &[String] {
        if let Self::List(elements) = self {
            elements
        } else {
            &[]
        }
    }

    /// Whether it is a switch that is on.
    pub(crate) const fn is_true(&self) -> bool {
        matches!(self, Self::Boolean(true))
    }

    /// The value as descriptions show it.
    pub(crate) fn to_text(&self) -> Option<String> {
        match self {
            Self::Null => None,
            Self::List(elements) => Some(elements.join(",")),
            Self::Boolean(_) | Self::Number(_) | Self::Double(_) | Self::Text(_) => {
                Some(self.printed())
            }
        }
    }

    /// The value as refusals print it.
    pub(super) fn printed(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Boolean(value) => value.to_string(),
            Self::Number(value) => value.to_string(),
            Self::Double(value) => java_double(*value),
            Self::Text(value) => value.clone(),
            Self::List(elements) => format!("[{}]", elements.join(", ")),
        }
    }
}

/// Reads a value of the setting's type without asking whether the setting admits it.
pub(crate) fn parse(key: &ConfigKey, raw: &str) -> Result<Value, String> {
    let trimmed = text::trim(raw);
    let number = |min: i64, max: i64| match trimmed.parse::<i64>() {
        Ok(value) if (min..=max).contains(&value) => Ok(Value::Number(value)),
        _ => Err(invalid(
            key,
            raw,
            &format!("Not a number of type {}", key.kind.name()),
        )),
    };
    match key.kind {
        ConfigType::Boolean if trimmed.eq_ignore_ascii_case("true") => Ok(Value::Boolean(true)),
        ConfigType::Boolean if trimmed.eq_ignore_ascii_case("false") => Ok(Value::Boolean(false)),
        ConfigType::Boolean => Err(invalid(
            key,
            raw,
            "Expected value to be either true or false",
        )),
        ConfigType::Int => number(i32::MIN.into(), i32::MAX.into()),
        ConfigType::Short => number(i16::MIN.into(), i16::MAX.into()),
        ConfigType::Long => number(i64::MIN, i64::MAX),
        ConfigType::Double => parse_double(trimmed)
            .map(Value::Double)
            .ok_or_else(|| invalid(key, raw, "Not a number of type DOUBLE")),
        ConfigType::List if trimmed.is_empty() => Ok(Value::List(Vec::new())),
        ConfigType::List => Ok(Value::List(
            trimmed
                .split(',')
                .map(|part| part.trim().to_owned())
                .collect(),
        )),
        ConfigType::String | ConfigType::Class | ConfigType::Password => {
            Ok(Value::Text(trimmed.to_owned()))
        }
    }
}

/// Kafka's refusal of a value.
pub(super) fn invalid(key: &ConfigKey, value: &str, why: &str) -> String {
    format!(
        "Invalid value {value} for configuration {}: {why}",
        key.name
    )
}

/// Java's `Double.parseDouble`, hexadecimal notation apart.
fn parse_double(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, "NaN" | "Infinity") {
        return text.parse().ok();
    }
    let digits = text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text);
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
    digits
        .chars()
        .all(is_number)
        .then(|| digits.parse().ok())
        .flatten()
}

/// Java's `Double.toString`.
fn java_double(value: f64) -> String {
    let size = value.abs();
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    if size == 0.0 || (1e-3..1e7).contains(&size) {
        return format!("{value:?}");
    }
    let text = format!("{value:E}");
    match text.split_once('E') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
        _ => text,
    }
}

#[cfg(test)]
mod tests;
