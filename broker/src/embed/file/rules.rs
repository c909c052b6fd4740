//! Fault rules alone in a file: JSON, as the control port takes it.

use std::path::Path;
use std::sync::Arc;

use serde_json::Value as Json;

use crate::embed::builder::Builder;
use crate::embed::error::StartError;
use crate::engine::fault::Rule;
use crate::engine::origin::Located;
use crate::wire::plain::plain;

impl Builder {
    /// Reads what [`Builder::faults`] takes from a file.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-{}.json", std::process::id()));
    /// std::fs::write(&path, r#"{"api": "Produce", "nth": 2, "after_apply": "disconnect"}"#)?;
    /// let broker = fauxka::Broker::builder().faults_file(&path)?.start_blocking()?;
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The file cannot be read, or has no rules in it; the message names the rule or the line.
    pub fn faults_file(self, path: impl AsRef<Path>) -> Result<Self, StartError> {
        let path = path.as_ref();
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| StartError::Invalid(format!("cannot read {shown}: {error}")))?;
        self.rules(&text, &format!("{shown}, "))
    }

    /// Fault rules that are there from the start, and again after a reset: JSON, one rule or a list of rules, in the
    /// grammar of the control port. They come after those of [`Builder::toml`].
    ///
    /// ```
    /// let rules = r#"[{"api": "Produce", "nth": 2, "after_apply": "disconnect"}]"#;
    /// let broker = fauxka::Broker::builder().faults(rules)?.start_blocking()?;
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    ///
    /// # Errors
    /// The text has no rules in it; the message names the rule or the line.
    pub fn faults(self, text: &str) -> Result<Self, StartError> {
        self.rules(text, "")
    }

    fn rules(mut self, text: &str, file: &str) -> Result<Self, StartError> {
        let wrong = |why: String| StartError::Invalid(format!("{file}{why}"));
        let json: Json = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
        let listed = if let Json::Array(rules) = json {
            rules
        } else {
            vec![json]
        };
        for (rule, number) in listed.into_iter().zip(1..) {
            let place: Arc<str> = format!("{file}rule {number}").into();
            let read = serde_json::from_value::<Rule>(rule);
            let what = read
                .map_err(|error| wrong(format!("rule {number}: {}", plain(&error.to_string()))))?;
            self.origin.faults.push(Located {
                what,
                place: Some(place),
            });
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use crate::Broker;

    fn start(rules: &str) -> Result<Broker, String> {
        let builder = Broker::builder().faults(rules);
        let started = builder.and_then(crate::Builder::start_blocking);
        started.map_err(|error| error.to_string())
    }

    #[test]
    fn rules_are_there_from_the_start_and_after_a_reset() {
        let one = r#"{"api":"Fetch","before_apply":"hold"}"#;
        for (rules, places) in [(one.to_owned(), 1), (format!("[{one},{one}]"), 2)] {
            let broker = start(&rules).unwrap();
            let mounted = || {
                broker.started.shared.look(|engine| {
                    let places = engine
                        .passage
                        .faults
                        .iter()
                        .map(|mounted| mounted.place.clone());
                    places.collect::<Option<Vec<_>>>().unwrap()
                })
            };
            let expected: Vec<_> = (1..=places)
                .map(|number| format!("rule {number}"))
                .collect();
            assert_eq!(mounted(), expected);
            broker.heal();
            broker.reset_blocking().unwrap();
            assert_eq!(mounted(), expected);
        }
    }

    #[test]
    fn what_is_no_rule_is_refused_by_its_number() {
        #[track_caller]
        fn check(rules: &str, words: &str) {
            let why = start(rules).unwrap_err();
            assert!(why.contains(words), "{why}");
        }
        check("[{", "line 1");
        check("7", "rule 1: ");
        check(r#"[{"observe":true},{"api":"Produze"}]"#, "rule 2: ");
        check(r#"[{"observe":true},{"api":"Fetch"}]"#, "rule 2");
        check(r#"{"api":"Fetch"}"#, "the rule does nothing");
    }
}
