//! A fault rule from options.

use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde_json::{Map, Value as Json, json};

use super::complete;

/// What goes wrong, and when.
#[derive(Debug, Args)]
pub(crate) struct RuleOptions {
    /// The rule as JSON, or a list of rules; options add to a rule what it does not say
    #[arg(long, value_name = "RULE", conflicts_with = "file")]
    rule: Option<String>,
    /// A file with the same
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// What to call it
    #[arg(long)]
    name: Option<String>,
    /// A kind of request, such as Produce; several times for several
    #[arg(long, add = complete::apis())]
    api: Vec<String>,
    /// The node that is asked
    #[arg(long, value_name = "ID")]
    node: Option<i32>,
    /// The client's id; like all names, it may hold * and ?
    #[arg(long, value_name = "NAME")]
    client_id: Option<String>,
    /// The client's software, such as librdkafka
    #[arg(long, value_name = "NAME")]
    software: Option<String>,
    /// Who the client is
    #[arg(long, value_name = "NAME")]
    principal: Option<String>,
    /// The SASL mechanism of a log-in
    #[arg(long, value_name = "NAME")]
    mechanism: Option<String>,
    /// A topic
    #[arg(long, value_name = "NAME", add = complete::topics())]
    topic: Option<String>,
    /// A partition
    #[arg(long, value_name = "INDEX")]
    partition: Option<i32>,
    /// A group
    #[arg(long, value_name = "ID", add = complete::groups())]
    group: Option<String>,
    /// A transactional id
    #[arg(long, value_name = "ID")]
    transactional_id: Option<String>,
    /// A member, by its id or group instance id
    #[arg(long, value_name = "ID")]
    member: Option<String>,
    /// From the n-th matching request on, or that one alone
    #[arg(long, value_name = "N")]
    nth: Option<u64>,
    /// At most so many times
    #[arg(long, value_name = "N")]
    count: Option<u64>,
    /// Every n-th time
    #[arg(long, value_name = "N")]
    every: Option<u64>,
    /// By chance, such as 0.1
    #[arg(long, value_name = "P")]
    probability: Option<f64>,
    /// Until the rule is released
    #[arg(long)]
    until_released: bool,
    /// Before the request is done: error=NAME, delay=5s, delay=5s~1s, hold, swallow, disconnect or pass
    #[arg(long, value_name = "ACTION", add = complete::actions())]
    before: Vec<String>,
    /// To its answer: the same, or edit=PATH=VALUE, throttle=2s, throttle=2s~1s
    #[arg(long, value_name = "ACTION", add = complete::actions())]
    after: Vec<String>,
    /// To the bytes of connections: latency=20ms, latency=20ms~5ms, bandwidth=1000, slice=7/1ms, corrupt=7,
    /// cut=100/close, cut=100/reset, cut=100/half_close, silence or refuse
    #[arg(long, value_name = "ACTION")]
    bytes: Option<String>,
    /// With --bytes: only what goes to the broker, or to the client
    #[arg(long, value_name = "broker|client")]
    to: Option<String>,
    /// Only count
    #[arg(long)]
    observe: bool,
    /// Allow errors that Kafka never answers there
    #[arg(long)]
    unchecked: bool,
    /// How often it must have acted when the cluster stops
    #[arg(long, value_name = "N")]
    expect: Option<u64>,
}

impl RuleOptions {
    /// The rules, as JSON.
    pub(super) fn rules(&self) -> Result<Vec<Json>> {
        let options = self.options()?;
        let text = match (&self.rule, &self.file) {
            (Some(rule), _) => rule.clone(),
            (None, Some(path)) => std::fs::read_to_string(path)
                .with_context(|| format!("cannot read {}", path.display()))?,
            (None, None) => return Ok(vec![Json::Object(options)]),
        };
        let json: Json = serde_json::from_str(&text).context("the rule is not JSON")?;
        let Some(rules) = json.as_array() else {
            return Ok(vec![added(json, &options)?]);
        };
        match rules.len() {
            _ if options.is_empty() => Ok(rules.clone()),
            1 => rules
                .iter()
                .map(|rule| added(rule.clone(), &options))
                .collect(),
            many => {
                let named: Vec<_> = options.keys().map(String::as_str).collect();
                bail!(
                    "{} cannot be added to {} rules at once: write it into them",
                    named.join(", "),
                    many
                )
            }
        }
    }

    fn options(&self) -> Result<Map<String, Json>> {
        let mut rule = Map::new();
        let mut put = |name: &str, value: Json| {
            let is_said = !value.is_null() && value != json!([]) && value != json!(false);
            is_said.then(|| rule.insert(name.to_owned(), value));
        };
        put("name", json!(self.name));
        put("api", json!(self.api));
        put("node", json!(self.node));
        put("client_id", json!(self.client_id));
        put("software", json!(self.software));
        put("principal", json!(self.principal));
        put("mechanism", json!(self.mechanism));
        put("topic", json!(self.topic));
        put("partition", json!(self.partition));
        put("group", json!(self.group));
        put("transactional_id", json!(self.transactional_id));
        put("member", json!(self.member));
        put("nth", json!(self.nth));
        put("count", json!(self.count));
        put("every", json!(self.every));
        put("probability", json!(self.probability));
        put("until_released", json!(self.until_released));
        put("before_apply", actions(&self.before)?);
        put("after_apply", actions(&self.after)?);
        put(
            "bytes",
            self.bytes.as_deref().map_or(Ok(Json::Null), on_bytes)?,
        );
        put("to", json!(self.to));
        put("observe", json!(self.observe));
        put("unchecked", json!(self.unchecked));
        put("expect", json!(self.expect));
        Ok(rule)
    }
}

/// A rule with what options say besides.
fn added(mut rule: Json, options: &Map<String, Json>) -> Result<Json> {
    if let Some(rule) = rule.as_object_mut() {
        for (name, value) in options {
            if rule.contains_key(name) {
                bail!("the rule says {name}, and so does an option: keep one of them");
            }
            rule.insert(name.clone(), value.clone());
        }
    }
    Ok(rule)
}

fn actions(texts: &[String]) -> Result<Json> {
    texts.iter().map(|text| action(text)).collect()
}

fn bytes(text: &str) -> Result<u64> {
    fauxka::parse_size(text).map_err(anyhow::Error::msg)
}

/// What happens to bytes, as JSON.
fn on_bytes(text: &str) -> Result<Json> {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    let halves = value.split_once('/');
    Ok(match (name, value, halves) {
        ("silence" | "refuse", "", _) => json!(name),
        ("latency", wait, None) if !wait.is_empty() => match wait.split_once('~') {
            Some((wait, jitter)) => json!({ "latency": { "for": wait, "jitter": jitter } }),
            None => json!({ "latency": wait }),
        },
        ("bandwidth", rate, None) => json!({ name: bytes(rate)? }),
        ("corrupt", number, None) => json!({ name: number.parse::<u64>()? }),
        ("slice", _, Some((length, pause))) => {
            json!({ "slice": { "bytes": bytes(length)?, "pause": pause } })
        }
        ("cut", _, Some((after, how))) => {
            json!({ "cut": { "after": bytes(after)?, "how": how } })
        }
        _ => bail!(
            "{text:?} is nothing that happens to bytes: there are latency=20ms, latency=20ms~5ms, \
             bandwidth=1000, slice=7/1ms, corrupt=7, cut=100/reset, silence and refuse"
        ),
    })
}

/// An action as JSON.
fn action(text: &str) -> Result<Json> {
    let (name, value) = text.split_once('=').unwrap_or((text, ""));
    Ok(match (name, value) {
        ("hold" | "swallow" | "disconnect" | "pass", "") => json!(name),
        ("error", code) if !code.is_empty() => json!({ "error": code }),
        ("delay" | "throttle", wait) if !wait.is_empty() => match wait.split_once('~') {
            Some((wait, jitter)) => json!({ name: { "for": wait, "jitter": jitter } }),
            None => json!({ name: wait }),
        },
        ("edit", edit) => {
            let (path, value) = edit
                .split_once('=')
                .context("edit=PATH=VALUE lacks a value")?;
            let value: Json = serde_json::from_str(value).unwrap_or_else(|_| value.into());
            json!({ "edit": { path: value } })
        }
        _ => bail!(
            "{text:?} is no action: error=NAME, delay=5s, delay=5s~1s, hold, swallow, disconnect, \
             pass, or, after the request is done, edit=PATH=VALUE, throttle=2s"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_read() {
        #[track_caller]
        fn check(text: &str, expected: &Json) {
            assert_eq!(action(text).unwrap(), *expected, "{text}");
        }
        check("hold", &json!("hold"));
        check(
            "error=NOT_COORDINATOR",
            &json!({ "error": "NOT_COORDINATOR" }),
        );
        check("delay=5s", &json!({ "delay": "5s" }));
        check(
            "delay=5s~1s",
            &json!({ "delay": { "for": "5s", "jitter": "1s" } }),
        );
        check(
            "edit=throttleTimeMs=5",
            &json!({ "edit": { "throttleTimeMs": 5 } }),
        );
        check("throttle=2s", &json!({ "throttle": "2s" }));
        check("edit=a.b=x", &json!({ "edit": { "a.b": "x" } }));
        for wrong in ["", "error", "delay", "hold=1", "explode", "edit=a"] {
            assert!(action(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn options_add_to_a_rule() {
        use clap::Parser as _;

        #[derive(Debug, clap::Parser)]
        struct Line {
            #[command(flatten)]
            options: RuleOptions,
        }
        let rules = |arguments: &[&str]| {
            let line = [&["add"], arguments].concat();
            Line::parse_from(line).options.rules()
        };
        let one = r#"{"api":"Fetch","observe":true}"#;
        let both = [json!({ "api": "Fetch", "observe": true, "nth": 3 })];
        assert_eq!(rules(&["--rule", one, "--nth", "3"]).unwrap(), both);
        let listed = format!("[{one}]");
        assert_eq!(rules(&["--rule", &listed, "--nth", "3"]).unwrap(), both);
        let twice = format!("[{one},{one}]");
        assert_eq!(rules(&["--rule", &twice]).unwrap().len(), 2);
        let why = rules(&["--rule", &twice, "--nth", "3"]).unwrap_err();
        assert!(
            why.to_string()
                .starts_with("nth cannot be added to 2 rules"),
            "{why}"
        );
        let why = rules(&["--rule", one, "--api", "Produce"]).unwrap_err();
        assert!(why.to_string().starts_with("the rule says api"), "{why}");
    }

    #[test]
    fn bytes_are_written_as_people_write_them() {
        let cut = json!({ "cut": { "after": 65_536, "how": "reset" } });
        assert_eq!(on_bytes("cut=64KiB/reset").unwrap(), cut);
        assert_eq!(
            on_bytes("bandwidth=1MB").unwrap(),
            json!({ "bandwidth": 1_000_000 })
        );
    }
}
