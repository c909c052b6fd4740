//! `fauxka fault`: what goes wrong on demand.

use anyhow::Result;
use clap::Subcommand;

use super::asked::Asked;
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
        /// Its number
        id: u64,
    },
    /// Ends a rule and forgets it
    Remove {
        /// Its number
        id: u64,
    },
    /// Ends a rule; what it keeps goes on
    Release {
        /// Its number
        id: u64,
    },
    /// Waits until a rule has acted
    Wait {
        /// Its number
        id: u64,
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
    /// What to ask: a request for every rule.
    pub(super) fn asked(&self) -> Result<Vec<Asked>> {
        let all = "/v1/faults";
        Ok(vec![match self {
            Self::Add(options) => {
                let rules = options.rules()?.into_iter();
                return Ok(rules.map(|rule| Asked::post(all, rule)).collect());
            }
            Self::List => Asked::get(all),
            Self::Heal => Asked::delete(all),
            Self::Show { id } => Asked::get(format!("{all}/{id}")),
            Self::Remove { id } => Asked::delete(format!("{all}/{id}")),
            Self::Release { id } => Asked::command(format!("{all}/{id}/release")),
            Self::Wait { id, hits, timeout } => {
                let hits = hits.map(|hits| hits.to_string());
                let asked = query(&[("hits", hits), ("timeout", Some(timeout.clone()))]);
                Asked::get(format!("{all}/{id}/wait{asked}"))
            }
        }])
    }
}
