//! Which values a setting admits, and the words with which Kafka refuses the others.

use super::key::{ConfigKey, Rule};
use super::offset_reset::OffsetReset;
use super::value::{Value, invalid, parse};

/// Reads, deduplicates and checks: what Kafka does with the configuration of a resource.
pub(crate) fn read(key: &ConfigKey, raw: &str) -> Result<Value, String> {
    let mut value = parse(key, raw)?;
    if let (Value::List(elements), Rule::Elements { .. }) = (&mut value, key.rule) {
        let mut distinct: Vec<String> = Vec::with_capacity(elements.len());
        for element in elements.drain(..) {
            if !distinct.contains(&element) {
                distinct.push(element);
            }
        }
        *elements = distinct;
    }
    check(key, &value)?;
    Ok(value)
}

/// Reads and checks, but lets a list that names something twice fail: what Kafka does with changes
/// of a running broker.
pub(crate) fn check_as_is(key: &ConfigKey, raw: &str) -> Result<(), String> {
    check(key, &parse(key, raw)?)
}

/// Asks whether the setting admits the value.
pub(crate) fn check(key: &ConfigKey, value: &Value) -> Result<(), String> {
    match (key.rule, value) {
        (Rule::Range(min, max), Value::Number(_) | Value::Double(_)) => {
            check_range(key, value, min, max)
        }
        (Rule::GzipLevel, Value::Number(level)) if *level != -1 && !(1..=9).contains(level) => {
            let rule = "Value must be between 1 and 9 or equal to -1";
            Err(invalid(key, &value.printed(), rule))
        }
        (Rule::OneOf(valid), Value::Text(text)) => check_one_of(key, text, valid),
        (Rule::OneOfAnyCase(valid), Value::Text(text))
            if !valid.iter().any(|name| name.eq_ignore_ascii_case(text)) =>
        {
            let names = valid.join(", ");
            Err(invalid(
                key,
                text,
                &format!("String must be one of (case insensitive): {names}"),
            ))
        }
        (Rule::Elements { valid, empty }, Value::List(list)) => {
            check_elements(key, list, valid, empty)
        }
        (Rule::NonEmpty, Value::Text(text)) if text.is_empty() => {
            Err(invalid(key, text, "String must be non-empty"))
        }
        (Rule::ThrottledReplicas, Value::List(list)) if !are_throttled_replicas(list) => {
            let rule = format!(
                "{} must be the literal '*' or a list of replicas in the following format: \
                 [partitionId]:[brokerId],[partitionId]:[brokerId],...",
                key.name
            );
            Err(invalid(key, &value.printed(), &rule))
        }
        (Rule::OffsetReset, Value::Text(text)) if OffsetReset::parse(text).is_none() => {
            let rule = format!(
                "Invalid value `{text}` for configuration {}. The value must be either 'earliest', \
                 'latest' or of the format 'by_duration:<PnDTnHnMn.nS>'.",
                key.name
            );
            Err(invalid(key, text, &rule))
        }
        _ => Ok(()),
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "Kafka compares every number with its bounds as doubles"
)]
fn check_range(
    key: &ConfigKey,
    value: &Value,
    min: Option<i64>,
    max: Option<i64>,
) -> Result<(), String> {
    let number = match value {
        Value::Number(number) => *number as f64,
        Value::Double(number) => *number,
        Value::Null | Value::Boolean(_) | Value::Text(_) | Value::List(_) => return Ok(()),
    };
    match (min, max) {
        (Some(min), _) if number < min as f64 => Err(invalid(
            key,
            &value.printed(),
            &format!("Value must be at least {min}"),
        )),
        (_, Some(max)) if number > max as f64 => Err(invalid(
            key,
            &value.printed(),
            &format!("Value must be no more than {max}"),
        )),
        _ => Ok(()),
    }
}

fn check_one_of(key: &ConfigKey, text: &str, valid: &[&str]) -> Result<(), String> {
    if valid.contains(&text) {
        return Ok(());
    }
    Err(invalid(
        key,
        text,
        &format!("String must be one of: {}", valid.join(", ")),
    ))
}

fn check_elements(
    key: &ConfigKey,
    list: &[String],
    valid: &[&str],
    empty: bool,
) -> Result<(), String> {
    if list.is_empty() && !empty {
        let names = match valid {
            [] => "any non-empty value".to_owned(),
            names => format!("[{}]", names.join(", ")),
        };
        let name = key.name;
        return Err(format!(
            "Configuration '{name}' must not be empty. Valid values include: {names}"
        ));
    }
    let mut seen = list.iter().enumerate();
    if seen.any(|(at, element)| list.iter().take(at).any(|earlier| earlier == element)) {
        return Err(format!(
            "Configuration '{}' values must not be duplicated.",
            key.name
        ));
    }
    for element in list {
        if element.is_empty() {
            return Err(format!(
                "Configuration '{}' values must not be empty.",
                key.name
            ));
        }
        if !valid.is_empty() {
            check_one_of(key, element, valid)?;
        }
    }
    Ok(())
}

fn are_throttled_replicas(list: &[String]) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let is_pair = |text: &String| {
        let pair = text.split_once(':');
        text.is_empty() || pair.is_some_and(|(one, other)| is_number(one) && is_number(other))
    };
    list.iter().all(is_pair) || list.concat() == "*"
}
