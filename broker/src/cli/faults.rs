//! `fauxka fault`: what goes wrong on demand.

use anyhow::{Result, bail};
use clap::Subcommand;
use serde_json::Value as Json;

use super::asked::{Asked, Asking};
use super::complete;
use super::http::query;
use super::rule::RuleOptions;

#[derive(Debug, Subcommand)]
pub(crate) enum FaultVerb {
    /// Mounts a rule: fauxka fault add --api Produce --topic orders --nth 2 --after disconnect
    Add(Box<RuleOptions>),
    /// Lists the rules
    List,
    /// Shows a rule
    Show {
        /// Its name or number
        #[arg(value_name = "RULE", add = complete::rules())]
        rule: String,
    },
    /// Ends a rule and forgets it
    Remove {
        /// Its name or number
        #[arg(value_name = "RULE", add = complete::rules())]
        rule: String,
    },
    /// Ends a rule; what it keeps goes on
    Release {
        /// Its name or number
        #[arg(value_name = "RULE", add = complete::rules())]
        rule: String,
    },
    /// Waits until a rule has acted
    Wait {
        /// Its name or number
        #[arg(value_name = "RULE", add = complete::rules())]
        rule: String,
        /// How often; by default what it expects, or once
        #[arg(long)]
        hits: Option<u64>,
        /// How long, in real time
        #[arg(long, default_value = "30s")]
        timeout: String,
    },
    /// Ends all rules
    Heal,
}

impl FaultVerb {
    /// Asks, and prints the answers.
    pub(super) fn run(&self, asking: &Asking) -> Result<()> {
        asking.print(&self.asked(asking)?)
    }

    /// What to ask: a request for every rule.
    fn asked(&self, asking: &Asking) -> Result<Vec<Asked>> {
        let all = "/v1/faults";
        let one = |rule: &str| -> Result<String> { Ok(format!("{all}/{}", number(asking, rule)?)) };
        Ok(vec![match self {
            Self::Add(options) => {
                let rules = options.rules()?.into_iter();
                return Ok(rules.map(|rule| Asked::post(all, rule)).collect());
            }
            Self::List => Asked::get(all),
            Self::Heal => Asked::delete(all),
            Self::Show { rule } => Asked::get(one(rule)?),
            Self::Remove { rule } => Asked::delete(one(rule)?),
            Self::Release { rule } => Asked::command(format!("{}/release", one(rule)?)),
            Self::Wait {
                rule,
                hits,
                timeout,
            } => {
                let hits = hits.map(|hits| hits.to_string());
                let asked = query(&[("hits", hits), ("timeout", Some(timeout.clone()))]);
                Asked::get(format!("{}/wait{asked}", one(rule)?))
            }
        }])
    }
}

/// The number of a rule, which may be given by its name.
fn number(asking: &Asking, rule: &str) -> Result<u64> {
    if let Ok(number) = rule.parse() {
        return Ok(number);
    }
    let mounted = asking.ask(&Asked::get("/v1/faults"))?;
    let mounted = mounted.as_array().into_iter().flatten();
    let name = |one: &Json| Some(one.get("rule")?.get("name")?.as_str()?.to_owned());
    let named = mounted.filter(|one| name(one).as_deref() == Some(rule));
    let numbers: Vec<u64> = named.filter_map(|one| one.get("id")?.as_u64()).collect();
    match *numbers {
        [number] => Ok(number),
        [] => bail!("there is no fault rule {rule}: fauxka fault list shows those that there are"),
        _ => {
            let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
            bail!(
                "several fault rules are called {rule}: say which by its number, {}",
                numbers.join(" or ")
            )
        }
    }
}
