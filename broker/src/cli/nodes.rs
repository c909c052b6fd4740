//! `fauxka node` and `fauxka clock`: what the cluster runs on.

use clap::Subcommand;
use serde_json::json;

use super::asked::Asked;

#[derive(Debug, Subcommand)]
pub(crate) enum ClockVerb {
    /// The time, and what is due
    Show,
    /// Moves a manual clock: fauxka clock advance 45s
    Advance {
        /// How far, such as 45s or "1h 30m"; "next": to what is due next
        by: String,
    },
}

impl ClockVerb {
    /// What to ask.
    pub(super) fn asked(&self) -> Asked {
        match self {
            Self::Show => Asked::get("/v1/clock"),
            Self::Advance { by } => {
                let body = if by == "next" {
                    json!({ "to": "next" })
                } else {
                    json!({ "by": by })
                };
                Asked::post("/v1/clock/advance", body)
            }
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum NodeVerb {
    /// Stops a node, as a shutdown does
    Stop {
        /// Its id
        id: i32,
    },
    /// Starts it again
    Start {
        /// Its id
        id: i32,
    },
    /// Lets nothing pass to or from a node; nobody takes its place
    Pause {
        /// Its id
        id: i32,
    },
    /// Lets a paused node go on with what it was sent
    Resume {
        /// Its id
        id: i32,
    },
    /// Adds a node on a free port
    Add {
        /// Where it stands
        #[arg(long)]
        rack: Option<String>,
    },
    /// Removes a node for good
    Remove {
        /// Its id
        id: i32,
    },
    /// Stops and starts one node after the other
    RollingRestart,
}

impl NodeVerb {
    /// What to ask.
    pub(super) fn asked(&self) -> Asked {
        match self {
            Self::Stop { id } => Asked::command(format!("/v1/nodes/{id}/stop")),
            Self::Start { id } => Asked::command(format!("/v1/nodes/{id}/start")),
            Self::Pause { id } => Asked::command(format!("/v1/nodes/{id}/pause")),
            Self::Resume { id } => Asked::command(format!("/v1/nodes/{id}/resume")),
            Self::Add { rack } => Asked::post("/v1/nodes", json!({ "rack": rack })),
            Self::Remove { id } => Asked::delete(format!("/v1/nodes/{id}")),
            Self::RollingRestart => Asked::command("/v1/nodes/rolling-restart"),
        }
    }
}
