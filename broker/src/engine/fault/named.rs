//! Rules by the names that their authors gave them.

use super::{FaultId, Faults};
use crate::wire::names::nearest;

/// A name or number that is not that of one fault rule.
///
/// ```
/// use fauxka::{Api, Broker};
///
/// let broker = Broker::builder().start_blocking()?;
/// broker.on(Api::Produce).named("lost-ack").after_apply().disconnect().mount();
/// let unknown = broker.fault("lost_akc").unwrap_err();
/// assert_eq!(unknown.to_string(), "there is no fault rule \"lost_akc\": did you mean \"lost-ack\"?");
/// # Ok::<(), fauxka::StartError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnknownRule {
    /// No rule has that name or number.
    #[error("there is no fault rule {written:?}{}", advice(.nearest.as_deref()))]
    None {
        /// What was asked for.
        written: String,
        /// The name that is nearest to it, if any rule has a name.
        nearest: Option<String>,
    },
    /// Several rules have that name.
    #[error("several fault rules are called {written:?}: say which by its number, {}", list(.numbers))]
    Several {
        /// What was asked for.
        written: String,
        /// The rules' numbers.
        numbers: Vec<u64>,
    },
}

fn advice(nearest: Option<&str>) -> String {
    nearest.map_or_else(
        || ", and none has a name".to_owned(),
        |name| format!(": did you mean {name:?}?"),
    )
}

fn list(numbers: &[u64]) -> String {
    let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
    numbers.join(" or ")
}

impl Faults {
    /// The rule of that name, or of that number.
    ///
    /// # Errors
    /// There is none, or several of that name.
    pub(crate) fn named(&self, written: &str) -> Result<FaultId, UnknownRule> {
        let names = || {
            self.rules
                .iter()
                .filter_map(|mounted| mounted.rule.name.as_deref())
        };
        let is_named = |mounted: &&super::Mounted| mounted.rule.name.as_deref() == Some(written);
        let called: Vec<FaultId> = self
            .rules
            .iter()
            .filter(is_named)
            .map(|mounted| mounted.id)
            .collect();
        let written = || written.to_owned();
        match *called {
            [rule] => return Ok(rule),
            [] => {}
            _ => {
                let numbers = called.iter().map(|rule| rule.0).collect();
                let written = written();
                return Err(UnknownRule::Several { written, numbers });
            }
        }
        let numbered = written().parse().map(FaultId).ok();
        numbered
            .filter(|id| self.get(*id).is_some())
            .ok_or_else(|| {
                let written = written();
                let nearest = nearest(&written, names()).map(str::to_owned);
                UnknownRule::None { written, nearest }
            })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rules_are_found_by_name_and_by_number() {
        let mut faults = Faults::new(1);
        let mut mount = |name: Option<&str>| {
            let rule = json!({ "api": "Fetch", "observe": true, "name": name });
            faults
                .mount(serde_json::from_value(rule).unwrap(), None)
                .unwrap()
        };
        let nameless = mount(None);
        let ids = [
            mount(Some("lost-ack")),
            mount(Some("1")),
            mount(Some("twice")),
            mount(Some("twice")),
        ];
        assert_eq!(faults.named("lost-ack"), Ok(ids[0]));
        assert_eq!(faults.named("2"), Ok(ids[0]));
        assert_eq!(faults.named("1"), Ok(ids[1]), "a name, before a number");
        assert_ne!(nameless, ids[1]);
        let said = |written| faults.named(written).unwrap_err().to_string();
        assert_eq!(
            said("LOST"),
            "there is no fault rule \"LOST\": did you mean \"lost-ack\"?"
        );
        assert_eq!(
            said("twice"),
            "several fault rules are called \"twice\": say which by its number, 4 or 5"
        );
        faults.clear();
        assert_eq!(
            faults.named("9").unwrap_err().to_string(),
            "there is no fault rule \"9\", and none has a name"
        );
    }
}
