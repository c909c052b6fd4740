//! The oracle: Apache Kafka from its published jars, with its default configuration.
//!
//! Beside what names the node (ids, listeners, folders) only the replication factors of internal topics
//! are set, since one node cannot meet their defaults.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};

use crate::certificates;
use crate::clock;
use crate::cluster::{Cluster, Process};
use crate::codec::bytes::uuid_text;
use crate::profile::{Listener, Profile};

/// How to start Apache Kafka.
#[derive(Debug, Clone)]
pub struct Oracle {
    /// Folder of Kafka's jars.
    libs: PathBuf,
    /// Folder for state and logs.
    run: PathBuf,
    /// The version, read from the jars' names.
    pub version: String,
}

impl Oracle {
    /// Looks at a folder of jars.
    ///
    /// # Errors
    /// When Kafka's jars are not there.
    pub fn new(libs: &Path, run: &Path) -> Result<Self> {
        let version = fs::read_dir(libs)
            .with_context(|| format!("Kafka's jars in {}", libs.display()))?
            .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
            .find_map(|name| {
                Some(
                    name.strip_prefix("kafka-clients-")?
                        .strip_suffix(".jar")?
                        .to_owned(),
                )
            })
            .context("no kafka-clients jar")?;
        Ok(Self {
            libs: libs.to_owned(),
            // Kafka compares directories as texts: one that it is told must be as it shows it.
            run: std::path::absolute(run)?,
            version,
        })
    }

    /// Formats and starts the nodes of a profile, and waits until they answer.
    ///
    /// # Errors
    /// When they do not.
    pub fn start(&self, profile: Profile) -> Result<Cluster> {
        let nodes = usize::from(profile.nodes());
        let ports = free_ports((3 + profile.listeners().len()) * nodes)?;
        let (client, others) = ports.split_at(nodes);
        let (controller, others) = others.split_at(nodes);
        let (internal, others) = others.split_at(nodes);
        let others: Vec<_> = profile
            .listeners()
            .iter()
            .copied()
            .zip(others.chunks(nodes))
            .collect();
        let directory = |node: usize| uuid_text(&[0x40 + u8::try_from(node).unwrap_or(0); 16]);
        let voters: Vec<_> = (0..nodes)
            .map(|k| format!("{}@127.0.0.1:{}:{}", k + 1, controller[k], directory(k)))
            .collect();
        let folder = self.run.join(format!("{profile:?}-{}", client[0]));
        let mut node_folders = Vec::new();
        for (k, port) in client.iter().enumerate() {
            let node = folder.join((k + 1).to_string());
            fs::create_dir_all(&node)?;
            fs::write(
                node.join("log4j2.properties"),
                LOGGING.replace("FILE", &node.join("server.log").display().to_string()),
            )?;
            let mut properties = properties(&node, k, controller);
            properties += &if profile.users().is_empty() {
                plaintext((*port, controller[k]), &own(k, &others))
            } else {
                sasl(profile.users(), (*port, internal[k]), controller[k])
            };
            properties += &wanted(profile, k)?;
            fs::write(node.join("server.properties"), properties)?;
            node_folders.push(node);
        }
        self.format(profile, &node_folders, &voters.join(","))?;
        let mut processes = Vec::new();
        for node in &node_folders {
            processes.push(self.broker(node)?);
        }
        let processes = Processes {
            oracle: self.clone(),
            nodes: node_folders,
            children: Mutex::new(processes),
            folder,
        };
        let open = if profile.users().is_empty() {
            client[0]
        } else {
            internal[0]
        };
        let bootstrap = format!("127.0.0.1:{open}");
        let bound = Duration::from_secs(120);
        let mut cluster = Cluster::await_nodes(&bootstrap, profile.nodes(), bound)?;
        for (node, port) in cluster.nodes.iter_mut().zip(client) {
            node.address = format!("127.0.0.1:{port}");
        }
        for (listener, ports) in others {
            let ports = listener.nodes.iter().filter_map(|node| ports.get(node - 1));
            let addresses = ports.map(|port| format!("127.0.0.1:{port}"));
            cluster.reached_by(listener, addresses);
        }
        Ok(cluster.kept_by(Box::new(processes)))
    }

    fn format(&self, profile: Profile, folders: &[PathBuf], voters: &str) -> Result<()> {
        let cluster_id = uuid_text(&[0x55; 16]);
        let formatting = folders.iter().map(|node| {
            let mut java = self.java(node);
            java.args([
                "kafka.tools.StorageTool",
                "format",
                "-t",
                &cluster_id,
                "--initial-controllers",
            ]);
            java.arg(voters)
                .arg("-c")
                .arg(node.join("server.properties"));
            for (name, password) in profile.users() {
                for mechanism in ["SCRAM-SHA-256", "SCRAM-SHA-512"] {
                    java.arg("--add-scram")
                        .arg(format!("{mechanism}=[name={name},password={password}]"));
                }
            }
            java.stdout(log(node, "format.log")?)
                .stderr(log(node, "format.err")?);
            Ok(java.spawn()?)
        });
        for (mut child, node) in formatting
            .collect::<Result<Vec<_>>>()?
            .into_iter()
            .zip(folders)
        {
            ensure!(
                child.wait()?.success(),
                "formatting failed, see {}",
                node.display()
            );
        }
        Ok(())
    }

    fn broker(&self, node: &Path) -> Result<Child> {
        let mut java = self.java(node);
        java.arg("kafka.Kafka").arg(node.join("server.properties"));
        java.stdout(log(node, "stdout.log")?)
            .stderr(log(node, "stderr.log")?);
        java.spawn().context("java")
    }

    fn java(&self, node: &Path) -> Command {
        let mut java = Command::new(std::env::var_os("JAVA").unwrap_or_else(|| "java".into()));
        java.args(["-Xmx512m", "-Djava.awt.headless=true"]);
        java.arg(format!(
            "-Dlog4j2.configurationFile={}",
            node.join("log4j2.properties").display()
        ));
        java.arg("-cp")
            .arg(self.libs.join("*"))
            .stdin(Stdio::null());
        java
    }
}

/// What a profile wants of the k-th node (from 0) beside the defaults.
fn wanted(profile: Profile, k: usize) -> Result<String> {
    let mut properties = String::new();
    for (key, value) in profile.properties() {
        properties += &format!("{key}={value}\n");
    }
    if profile == Profile::Tls {
        for (key, value) in certificates::properties()? {
            properties += &format!("{key}={value}\n");
        }
    }
    if let Some(rack) = profile.rack(k) {
        properties += &format!("broker.rack={rack}\n");
    }
    Ok(properties)
}

/// Listeners that the k-th node (from 0) has beside the first, with their ports.
fn own(k: usize, others: &[(Listener, &[u16])]) -> Vec<(Listener, u16)> {
    let own = others
        .iter()
        .filter(|(listener, _)| listener.nodes.contains(&(k + 1)));
    own.filter_map(|(listener, ports)| Some((*listener, *ports.get(k)?)))
        .collect()
}

/// A listener for clients and brokers, and others for clients.
fn plaintext((port, controller): (u16, u16), others: &[(Listener, u16)]) -> String {
    let mut listeners = format!("PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}");
    let mut protocols = "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT".to_owned();
    for (Listener { name, protocol, .. }, port) in others {
        listeners += &format!(",{name}://127.0.0.1:{port}");
        protocols += &format!(",{name}:{protocol}");
    }
    format!(
        "listeners={listeners}\n\
         advertised.listeners={listeners}\n\
         listener.security.protocol.map={protocols}\n\
         inter.broker.listener.name=PLAINTEXT\n"
    )
}

/// A listener on which clients log in, and one for brokers.
fn sasl(users: &[(&str, &str)], (port, internal): (u16, u16), controller: u16) -> String {
    let listeners = format!(
        "SASL_PLAINTEXT://127.0.0.1:{port},PLAINTEXT://127.0.0.1:{internal},CONTROLLER://127.0.0.1:{controller}"
    );
    let passwords = users.iter();
    let passwords = passwords.map(|(name, password)| format!(" user_{name}=\"{password}\""));
    let module = "org.apache.kafka.common.security";
    let scram = format!("{module}.scram.ScramLoginModule required;");
    let of_listener = "listener.name.sasl_plaintext";
    format!(
        "listeners={listeners}\n\
         advertised.listeners={listeners}\n\
         listener.security.protocol.map=SASL_PLAINTEXT:SASL_PLAINTEXT,PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT\n\
         inter.broker.listener.name=PLAINTEXT\n\
         sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512\n\
         {of_listener}.plain.sasl.jaas.config={module}.plain.PlainLoginModule required{};\n\
         {of_listener}.scram-sha-256.sasl.jaas.config={scram}\n\
         {of_listener}.scram-sha-512.sasl.jaas.config={scram}\n",
        passwords.collect::<String>()
    )
}

fn properties(folder: &Path, index: usize, controllers: &[u16]) -> String {
    let quorum: Vec<_> = controllers
        .iter()
        .map(|port| format!("127.0.0.1:{port}"))
        .collect();
    format!(
        "process.roles=broker,controller\n\
         node.id={id}\n\
         controller.quorum.bootstrap.servers={quorum}\n\
         controller.listener.names=CONTROLLER\n\
         log.dirs={data}\n\
         offsets.topic.replication.factor={replicas}\n\
         transaction.state.log.replication.factor={replicas}\n\
         transaction.state.log.min.isr=1\n\
         share.coordinator.state.topic.replication.factor={replicas}\n\
         share.coordinator.state.topic.min.isr=1\n",
        id = index + 1,
        quorum = quorum.join(","),
        data = folder.join("data").display(),
        replicas = controllers.len().min(3),
    )
}

/// How long a node may take to stop.
const STOPPING_PATIENCE: Duration = Duration::from_secs(15);

const LOGGING: &str = "status=error\nappender.f.type=File\nappender.f.name=F\nappender.f.fileName=FILE\n\
    appender.f.layout.type=PatternLayout\nappender.f.layout.pattern=[%d] %p %m (%c)%n\nrootLogger.level=WARN\n\
    rootLogger.appenderRefs=f\nrootLogger.appenderRef.f.ref=F\n";

fn log(folder: &Path, name: &str) -> Result<fs::File> {
    Ok(fs::File::create(folder.join(name))?)
}

fn free_ports(count: usize) -> Result<Vec<u16>> {
    let listeners = (0..count)
        .map(|_| TcpListener::bind("127.0.0.1:0"))
        .collect::<Result<Vec<_>, _>>()?;
    listeners
        .iter()
        .map(|listener| Ok(listener.local_addr()?.port()))
        .collect()
}

/// The processes of a cluster; they end with this value, and their state goes with them.
#[derive(Debug)]
struct Processes {
    oracle: Oracle,
    /// Each node's folder.
    nodes: Vec<PathBuf>,
    children: Mutex<Vec<Child>>,
    folder: PathBuf,
}

impl Process for Processes {
    fn stop(&self, at: usize) -> Result<()> {
        let mut children = self.children();
        let child = children.get_mut(at).context("no such node")?;
        let status = Command::new("kill").arg(child.id().to_string()).status()?;
        ensure!(status.success(), "kill");
        // One that is unregistered waits for minutes to be let go.
        let deadline = clock::now() + STOPPING_PATIENCE;
        while child.try_wait()?.is_none() {
            if clock::now() > deadline {
                child.kill()?;
            }
            clock::pause();
        }
        Ok(())
    }

    fn start(&self, at: usize) -> Result<()> {
        let folder = self.nodes.get(at).context("no such node")?;
        let child = self.oracle.broker(folder)?;
        *self.children().get_mut(at).context("no such node")? = child;
        Ok(())
    }

    fn pid(&self, at: usize) -> Option<u32> {
        Some(self.children().get(at)?.id())
    }
}

impl Processes {
    fn children(&self) -> MutexGuard<'_, Vec<Child>> {
        self.children.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Processes {
    fn drop(&mut self) {
        if let Ok(children) = self.children.get_mut() {
            for child in children.iter_mut() {
                let _gone = child.kill();
            }
            for child in children {
                let _gone = child.wait();
            }
        }
        if std::env::var_os("KEEP_ORACLE").is_none() {
            let _left = fs::remove_dir_all(&self.folder);
        }
    }
}

/// Today's date, for a transcript's provenance.
#[must_use]
pub fn today() -> String {
    // Days to a civil date, by the usual era arithmetic (an era has 400 years).
    let days = clock::millis() / 86_400_000 + 719_468;
    let era = days / 146_097;
    let day_of_era = days % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}
