//! `fauxka rerun`: a recording happens again.

use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;
use fauxka::recording::{Recording, Rerun, Serve, Until};
use serde_json::Value as Json;

use super::{ClockKind, DEFAULT_CONTROL, DEFAULT_LISTEN, Reach, User, rows, show, user};

/// A recording to run again.
#[derive(Debug, Args)]
pub(crate) struct Options {
    /// What `fauxka serve --record` wrote
    #[arg(value_name = "FILE")]
    recording: PathBuf,
    /// Stop after so many inputs (250) or at a time on the cluster's clock (1m30s), and show the cluster
    #[arg(long, value_name = "N|TIME", value_parser = until)]
    until: Option<Until>,
    /// Print the journal's rows
    #[arg(long)]
    journal: bool,
    /// As JSON, a row on a line
    #[arg(long, requires = "journal")]
    json: bool,
    /// Serve the cluster as it is then; its clients are gone, and time stands still
    #[arg(long, conflicts_with = "journal")]
    pub(crate) serve: bool,
    /// What moves time in the cluster that is served [default: manual]
    #[arg(long, value_enum, requires = "serve")]
    clock: Option<ClockKind>,
    /// Somebody who can log in to the cluster that is served; the password of all others is "hidden"
    #[arg(long, value_name = "USER:PASSWORD", value_parser = user, requires = "serve")]
    sasl: Vec<User>,
    #[command(flatten, next_help_heading = "With --serve")]
    pub(crate) reach: Reach,
}

fn until(text: &str) -> Result<Until, String> {
    if let Ok(inputs) = text.parse() {
        return Ok(Until::Input(inputs));
    }
    let time: Duration = humantime::parse_duration(text)
        .map_err(|_| format!("{text:?} is neither a number of inputs nor a time such as 1m30s"))?;
    Ok(Until::Time(time))
}

impl Options {
    /// Runs it.
    ///
    /// # Errors
    /// It cannot be run.
    pub(crate) fn run(&self) -> Result<Rerun> {
        if !self.serve && self.reach.is_given() {
            bail!("where to listen is said of a cluster that is served: give --serve, too");
        }
        let recording = Recording::load(&self.recording)?;
        let own = env!("CARGO_PKG_VERSION");
        if recording.recorded_by() != own {
            let other = recording.recorded_by();
            tracing::warn!(
                "Fauxka {other} made the recording, and this is {own}: answers may differ"
            );
        }
        let rerun = recording.rerun_until(self.until.unwrap_or_default())?;
        if let Some(why) = rerun.ended() {
            tracing::warn!("the recording ends before its cluster did: {why}");
        }
        if !rerun.is_whole() {
            tracing::warn!("the file has no end: its process was killed, or still runs");
        }
        Ok(rerun)
    }

    /// Shows what came of it.
    ///
    /// # Errors
    /// Some answer differs.
    pub(crate) fn show(&self, rerun: &Rerun, out: &mut impl Write) -> Result<()> {
        if self.journal {
            for row in rerun.journal() {
                let row = serde_json::to_value(&*row)?;
                if self.json {
                    writeln!(out, "{row}")?;
                } else {
                    write!(out, "{}", rows::journal_row(&row))?;
                }
            }
        } else if self.until.is_some() {
            show_cluster(rerun, out)?;
        }
        if let Some(difference) = rerun.difference() {
            bail!("{difference}");
        }
        let elapsed = Duration::from_millis(u64::try_from(rerun.elapsed().as_millis())?);
        let elapsed = humantime::format_duration(elapsed);
        let (inputs, answers) = (rerun.inputs(), rerun.answers());
        if !self.json {
            writeln!(
                out,
                "{inputs} inputs in {elapsed}, {answers} answers as recorded"
            )?;
        }
        Ok(())
    }

    /// The cluster as it is then, to be served.
    ///
    /// # Errors
    /// Clients are to be told an address that is none.
    pub(crate) fn served(self, rerun: Rerun) -> Result<Serve> {
        if let Some(difference) = rerun.difference() {
            tracing::warn!("{difference}; the cluster is served as it is there");
        }
        let listen = self.reach.listen.as_deref().unwrap_or(DEFAULT_LISTEN);
        let mut served = rerun.serve().listen(listen);
        if let Some(address) = &self.reach.advertise {
            served = served.advertise_at(address)?;
        }
        if let Some(token) = self.reach.control_token {
            served = served.control_token(token);
        }
        served = match (self.reach.no_control, self.reach.control) {
            (true, _) => served,
            (false, Some(address)) => served.control(address),
            (false, None) => served.control_preferring(DEFAULT_CONTROL),
        };
        if self.clock == Some(ClockKind::Real) {
            served = served.real_clock();
        }
        for user in self.sasl {
            served = served.user(user.name, user.password);
        }
        Ok(served)
    }
}

impl Reach {
    /// Whether anything was said but for what the environment says.
    fn is_given(&self) -> bool {
        let Self {
            listen,
            advertise,
            control,
            control_token: _,
            no_control,
            exit_with_parent,
        } = self;
        let said = [
            (listen.is_some(), "FAUXKA_LISTEN"),
            (advertise.is_some(), "FAUXKA_ADVERTISE"),
            (control.is_some(), "FAUXKA_CONTROL_LISTEN"),
            (*no_control, "FAUXKA_NO_CONTROL"),
            (*exit_with_parent, "FAUXKA_EXIT_WITH_PARENT"),
        ];
        let mut said = said.into_iter();
        said.any(|(is_given, variable)| is_given && std::env::var_os(variable).is_none())
    }
}

fn show_cluster(rerun: &Rerun, out: &mut impl Write) -> Result<()> {
    let mut section = |title: &str, rows: Json| -> Result<()> {
        let table = show::human(&rows);
        if !table.is_empty() {
            write!(out, "{title}\n{table}\n")?;
        }
        Ok(())
    };
    for topic in rerun.topics() {
        let title = format!("topic {}", topic.name);
        section(&title, serde_json::to_value(&topic.partitions)?)?;
    }
    section("groups", serde_json::to_value(rerun.groups())?)?;
    section("transactions", serde_json::to_value(rerun.transactions())?)
}
