//! Fauxka in this process: a fresh cluster for each case.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use fauxka::recording::Recording;

use crate::certificates;
use crate::cluster::{Cluster, MovedTime, Process};
use crate::profile::{Listener, Profile};

/// Whether the library can be embedded.
pub const AVAILABLE: bool = true;

/// Longest wait, on its own clock, for anything that an embedded broker owes us.
pub(crate) const PATIENCE: Duration = Duration::from_secs(3);

/// How long topics take that are made because somebody asked, where that is what is tested.
pub(crate) const NEW_TOPICS: Duration = Duration::from_millis(30);

#[derive(Debug)]
struct Embedded(fauxka::Broker);

impl Embedded {
    fn node(&self, at: usize) -> Result<fauxka::cluster::Node> {
        Ok(self.0.node(i32::try_from(at)? + 1))
    }
}

impl Process for Embedded {
    fn stop(&self, at: usize) -> Result<()> {
        Ok(self.node(at)?.stop_blocking()?)
    }

    fn start(&self, at: usize) -> Result<()> {
        Ok(self.node(at)?.start_blocking()?)
    }

    fn time(&self) -> Option<&dyn MovedTime> {
        Some(self)
    }
}

impl MovedTime for Embedded {
    fn elapsed(&self) -> Duration {
        self.0.clock().elapsed()
    }

    fn advance(&self, by: Duration) -> Result<()> {
        // The suite speaks the protocol by hand: it sends the heartbeats that there are.
        self.0.clock().silent("*").advance_blocking(by)?;
        Ok(())
    }

    fn waiting(&self) -> usize {
        self.0.clock().waiting()
    }
}

/// Where everything is written down that happens to the cluster of a case.
#[must_use]
pub fn recording(case: &str) -> PathBuf {
    let may_be = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let name = case.replace(|c| !may_be(c), "-");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/recordings");
    Path::new(folder).join(format!("conformance-{name}.run"))
}

/// Has what happened to the cluster of a case happen again, once that cluster has ended.
///
/// # Errors
/// When an answer is another one.
pub fn rerun(case: &str) -> Result<()> {
    let rerun = Recording::load(recording(case))?.rerun()?;
    if let Some(difference) = rerun.difference() {
        bail!("run again, the cluster differs: {difference}");
    }
    ensure!(rerun.is_whole(), "the recording has no end");
    if let Some(why) = rerun.ended() {
        bail!("the recording ended: {why}");
    }
    Ok(())
}

/// Forgets the recording of a case that passed; says where that of another is.
///
/// # Errors
/// When the file of one that passed cannot be removed.
pub fn settle(case: &str, passed: bool) -> Result<String> {
    let path = recording(case);
    if !passed {
        let path = path.display();
        return Ok(format!("what happened is recorded: fauxka rerun {path}\n"));
    }
    fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
    Ok(String::new())
}

fn protocol(listener: Listener) -> Result<fauxka::listeners::Protocol> {
    let read = listener.protocol.parse();
    read.map_err(|why: String| anyhow::anyhow!(why))
}

/// Starts a cluster of the shape that a profile asks for, and records it if it is a case's; it ends with the value
/// returned.
///
/// # Errors
/// When it does not start.
pub fn start(profile: Profile, case: Option<&str>) -> Result<Cluster> {
    let mut builder = fauxka::Broker::builder()
        .nodes(profile.nodes().into())
        .clock(fauxka::clock::Clock::manual());
    if let Some(case) = case {
        let path = recording(case);
        fs::create_dir_all(path.parent().context("a folder")?)?;
        builder = builder.record_over(path);
    }
    if profile == Profile::NewTopics {
        builder = builder.auto_create_delay(NEW_TOPICS);
    }
    // Kafka's default, as the oracle has it.
    builder = builder.config("group.initial.rebalance.delay.ms", "3000");
    for (key, value) in profile.properties() {
        builder = builder.config(key, value);
    }
    for (at, id) in (0..usize::from(profile.nodes())).zip(1..) {
        if let Some(rack) = profile.rack(at) {
            builder = builder.rack(id, rack);
        }
    }
    for (name, password) in profile.users() {
        builder = builder.user(*name, *password);
    }
    if profile == Profile::Tls {
        for (key, value) in certificates::properties()? {
            builder = builder.config(key, value);
        }
    }
    if !profile.listeners().is_empty() {
        builder = builder.listener("PLAINTEXT://127.0.0.1:0".parse()?);
    }
    for listener in profile.listeners() {
        let nodes = listener.nodes.iter().map(|node| i32::try_from(*node));
        let nodes: Vec<_> = nodes.collect::<Result<_, _>>()?;
        let made = fauxka::listeners::Listener::new(listener.name, protocol(*listener)?);
        builder = builder.listener(made.only_on(nodes));
    }
    let broker = builder
        .start_blocking()
        .with_context(|| format!("an embedded cluster {profile:?}"))?;
    let cluster = if profile.users().is_empty() {
        Cluster::discover(broker.bootstrap())?
    } else {
        Cluster::at(broker.bootstrap())
    };
    let mut cluster = cluster;
    for listener in profile.listeners() {
        let addresses = broker.bootstrap_of(listener.name).context("a listener")?;
        cluster.reached_by(*listener, addresses.split(',').map(str::to_owned));
    }
    let mut cluster = cluster.kept_by(Box::new(Embedded(broker)));
    cluster.patience = PATIENCE;
    Ok(cluster)
}
