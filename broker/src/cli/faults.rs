//! `fauxka fault`: what goes wrong on demand.

use anyhow::Result;
use clap::Subcommand;

use super::asked::{Asked, Asking};
use super::complete;
use super::http::{encoded, query};
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
        asking.print(&self.asked()?)
    }

    /// What to ask: a request for every rule.
    fn asked(&self) -> Result<Vec<Asked>> {
        let all = "/v1/faults";
        let one = |rule: &str| format!("{all}/{}", encoded(rule));
        Ok(vec![match self {
            Self::Add(options) => {
                let rules = options.rules()?.into_iter();
                return Ok(rules.map(|rule| Asked::post(all, rule)).collect());
            }
            Self::List => Asked::get(all),
            Self::Heal => Asked::delete(all),
            Self::Show { rule } => Asked::get(one(rule)),
            Self::Remove { rule } => Asked::delete(one(rule)),
            Self::Release { rule } => Asked::command(format!("{}/release", one(rule))),
            Self::Wait {
                rule,
                hits,
                timeout,
            } => {
                let hits = hits.map(|hits| hits.to_string());
                let asked = query(&[("hits", hits), ("timeout", Some(timeout.clone()))]);
                Asked::get(format!("{}/wait{asked}", one(rule)))
            }
        }])
    }
}
