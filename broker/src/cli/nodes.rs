//! `fauxka node` and `fauxka clock`: what the cluster runs on.

use clap::Subcommand;
use serde_json::json;

use super::asked::Asked;

#[derive(Debug, Subcommand)]
pub(crate) enum ClockVerb {
    /// The time, and what is due
    Show,
    /// Moves a manual clock: fauxka clock advance 45s
    ///
    /// Members of groups whose clients are connected keep their sessions, as their heartbeats would; name with --silent
    /// whose session is to run out: fauxka clock advance 45s --silent worker-1
    Advance {
        /// How far, such as 45s or "1h 30m"; "next": to what is due next
        by: String,
        /// A client that sends no heartbeats while this time passes, by client id; * stands for any characters
        #[arg(long, value_name = "CLIENT_ID")]
        silent: Vec<String>,
    },
}

impl ClockVerb {
    /// What to ask.
    pub(super) fn asked(&self) -> Asked {
        match self {
            Self::Show => Asked::get("/v1/clock"),
            Self::Advance { by, silent } => {
                let body = if by == "next" {
                    json!({ "to": "next", "silent": silent })
                } else {
                    json!({ "by": by, "silent": silent })
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
