//! Fauxka as a program: a fresh process for each case, whose control port moves its clock.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::certificates;
use crate::cluster::{Cluster, MovedTime, Process};
use crate::embedded::{NEW_TOPICS, PATIENCE};
use crate::profile::Profile;

/// Longest wait for an answer of the control port.
const CONTROL_PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug)]
struct Program {
    child: Child,
    /// `host:port` of the control port.
    control: String,
}

impl Drop for Program {
    fn drop(&mut self) {
        // It is gone already, or it ends now.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

impl Program {
    fn control(&self, verb: &str, path: &str, body: &Value) -> Result<Value> {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let (host, length) = (&self.control, body.len());
        let mut stream = TcpStream::connect(host)?;
        stream.set_read_timeout(Some(CONTROL_PATIENCE))?;
        write!(
            stream,
            "{verb} /v1/{path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\nconnection: close\r\n\r\n{body}"
        )?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (head, body) = answer.split_once("\r\n\r\n").context("an answer")?;
        let status = head.split(' ').nth(1).context("a status")?;
        ensure!(
            status.starts_with('2'),
            "{verb} {path} answered {status}: {body}"
        );
        Ok(serde_json::from_str(body).unwrap_or_default())
    }

    fn clock(&self, field: &str) -> Result<u64> {
        let clock = self.control("GET", "clock", &Value::Null)?;
        clock[field].as_u64().with_context(|| field.to_owned())
    }
}

impl Process for Program {
    fn stop(&self, at: usize) -> Result<()> {
        let path = format!("nodes/{}/stop", at + 1);
        self.control("POST", &path, &Value::Null).map(drop)
    }

    fn start(&self, at: usize) -> Result<()> {
        let path = format!("nodes/{}/start", at + 1);
        self.control("POST", &path, &Value::Null).map(drop)
    }

    fn time(&self) -> Option<&dyn MovedTime> {
        Some(self)
    }
}

impl MovedTime for Program {
    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.clock("elapsed_ms").unwrap_or_default())
    }

    fn advance(&self, by: Duration) -> Result<()> {
        // The suite speaks the protocol by hand: it sends the heartbeats that there are.
        let body = json!({"by_ms": u64::try_from(by.as_millis())?, "silent": ["*"]});
        self.control("POST", "clock/advance", &body).map(drop)
    }

    fn waiting(&self) -> usize {
        let waiting = self.clock("waiting").unwrap_or_default();
        usize::try_from(waiting).unwrap_or_default()
    }
}

/// Starts a program as a cluster of the shape that a profile asks for; it ends with the value returned.
///
/// # Errors
/// When it does not start.
pub fn start(program: &Path, profile: Profile) -> Result<Cluster> {
    let mut command = Command::new(program);
    command.args(arguments(profile)?);
    // What the one that runs the suite has set is for other clusters.
    let own = std::env::vars().filter(|(name, _)| name.starts_with("FAUXKA"));
    own.for_each(|(name, _)| {
        command.env_remove(name);
    });
    let described = described(profile)?;
    if let Some(file) = &described {
        command.arg("--file").arg(file);
    }
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("{}", program.display()))?;
    let output = child.stdout.take().context("its output")?;
    let mut program = Program {
        child,
        control: String::new(),
    };
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line)?;
    if let Some(file) = described {
        fs::remove_file(file)?;
    }
    let value = |name: &str| {
        let mut words = line.split_whitespace();
        words.find_map(|word| word.strip_prefix(name)?.strip_prefix('='))
    };
    let control = value("control").with_context(|| format!("it was ready, not {line:?}"))?;
    control
        .trim_start_matches("http://")
        .clone_into(&mut program.control);
    let bootstrap = value("bootstrap").context("addresses")?;
    let mut cluster = if profile.users().is_empty() {
        Cluster::discover(bootstrap)?
    } else {
        Cluster::at(bootstrap)
    };
    for listener in profile.listeners() {
        let addresses = value(&format!("bootstrap.{}", listener.name)).context("a listener")?;
        cluster.reached_by(*listener, addresses.split(',').map(str::to_owned));
    }
    let mut cluster = cluster.kept_by(Box::new(program));
    cluster.patience = PATIENCE;
    Ok(cluster)
}

fn arguments(profile: Profile) -> Result<Vec<String>> {
    let mut all = vec![
        "--control=127.0.0.1:0".to_owned(),
        "--clock=manual".to_owned(),
        "--exit-with-parent".to_owned(),
        "--log=error".to_owned(),
        format!("--nodes={}", profile.nodes()),
        // Kafka's default, as the oracle has it.
        "--config=group.initial.rebalance.delay.ms=3000".to_owned(),
    ];
    if profile == Profile::NewTopics {
        all.push(format!("--auto-create-delay={}ms", NEW_TOPICS.as_millis()));
    }
    let config = |key: &str, value: &str| format!("--config={key}={value}");
    let properties = profile.properties().into_iter();
    all.extend(properties.map(|(key, value)| config(key, value)));
    if profile == Profile::Tls {
        let properties = certificates::properties()?.into_iter();
        all.extend(properties.map(|(key, value)| config(key, &value)));
    }
    let users = profile.users().iter();
    all.extend(users.map(|(name, password)| format!("--sasl={name}:{password}")));
    if profile.listeners().is_empty() {
        all.push("--listen=127.0.0.1:0".to_owned());
    } else {
        all.push("--listener=PLAINTEXT://127.0.0.1:0".to_owned());
    }
    for listener in profile.listeners() {
        let nodes: Vec<_> = listener.nodes.iter().map(usize::to_string).collect();
        let (name, protocol, nodes) = (listener.name, listener.protocol, nodes.join("+"));
        all.push(format!(
            "--listener={name}={protocol}://127.0.0.1:0?nodes={nodes}"
        ));
    }
    Ok(all)
}

/// A description of what no option says: racks.
fn described(profile: Profile) -> Result<Option<PathBuf>> {
    static FILES: AtomicUsize = AtomicUsize::new(0);
    let racks = (0..usize::from(profile.nodes())).filter_map(|at| {
        let rack = profile.rack(at)?;
        Some(format!("{} = \"{rack}\"", at + 1))
    });
    let racks: Vec<_> = racks.collect();
    if racks.is_empty() {
        return Ok(None);
    }
    let count = FILES.fetch_add(1, Ordering::Relaxed);
    let name = format!("fauxka-conformance-{}-{count}.toml", process::id());
    let file = std::env::temp_dir().join(name);
    fs::write(&file, format!("racks = {{ {} }}\n", racks.join(", ")))?;
    Ok(Some(file))
}
