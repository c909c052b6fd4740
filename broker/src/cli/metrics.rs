//! Prometheus' text as JSON.

use serde_json::{Map, Number, Value as Json, json};

/// Every metric with its samples, in their order.
pub(super) fn as_json(text: &str) -> Json {
    let mut metrics: Vec<Json> = Vec::new();
    for line in text.lines() {
        if let Some(about) = line.strip_prefix("# HELP ") {
            let (name, help) = about.split_once(' ').unwrap_or((about, ""));
            metrics.push(json!({ "name": name, "help": help, "type": null, "samples": [] }));
        } else if let Some(kind) = line.strip_prefix("# TYPE ")
            && let Some(metric) = metrics.last_mut()
        {
            metric["type"] = kind.rsplit(' ').next().into();
        } else if let Some(samples) = metrics.last_mut().and_then(|m| m["samples"].as_array_mut()) {
            samples.extend(sample(line));
        }
    }
    metrics.into()
}

/// `name{label="value",…} number`, where braces may be missing.
fn sample(line: &str) -> Option<Json> {
    let (name, value) = line.rsplit_once(' ')?;
    let labels = name.split_once('{').map_or("", |(_, labels)| labels);
    let value = value.parse::<i64>().map(Number::from).ok();
    let value = value.or_else(|| Number::from_f64(line.rsplit_once(' ')?.1.parse().ok()?));
    Some(json!({ "labels": read_labels(labels), "value": value }))
}

fn read_labels(mut text: &str) -> Map<String, Json> {
    let mut labels = Map::new();
    while let Some((name, rest)) = text.split_once("=\"") {
        let mut value = String::new();
        let mut letters = rest.char_indices();
        let mut end = rest.len();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    end = at.saturating_add(1);
                    break;
                }
                '\\' => match letters.next() {
                    Some((_, 'n')) => value.push('\n'),
                    other => value.extend(other.map(|(_, letter)| letter)),
                },
                letter => value.push(letter),
            }
        }
        labels.insert(name.trim_start_matches(',').to_owned(), value.into());
        text = rest.get(end..).unwrap_or_default();
    }
    labels
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::as_json;

    #[test]
    fn samples_belong_to_their_metric() {
        let text = "# HELP a All of it.\n# TYPE a counter\na{x=\"1\",y=\"q\\\"\\\\,}\\n\"} 7\na{x=\"2\"} 0.5\n\
                    # HELP b None.\n# TYPE b gauge\nb -1\n";
        let expected = json!([
            { "name": "a", "help": "All of it.", "type": "counter", "samples": [
                { "labels": { "x": "1", "y": "q\"\\,}\n" }, "value": 7 },
                { "labels": { "x": "2" }, "value": 0.5 },
            ] },
            { "name": "b", "help": "None.", "type": "gauge", "samples": [{ "labels": {}, "value": -1 }] },
        ]);
        assert_eq!(as_json(text), expected);
    }
}
