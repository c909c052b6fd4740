//! A cluster described in a file: TOML.

mod entries;
mod grammar;
mod login;
mod rules;
mod settings;
#[cfg(test)]
mod tests;

use std::error::Error as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize as _;
use toml::Spanned;

use super::builder::Builder;
use super::clock::Clock;
use super::endpoints;
use super::error::StartError;
use super::size::parse_size;
use super::snapshot::SnapshotError;
use crate::engine::cluster::configs::StaticConfig;
use crate::engine::fault::duration;
use crate::engine::origin::Located;
use crate::engine::snapshot::Snapshot;
use crate::server::journal_file::JournalTarget;
use crate::wire::plain::plain;
use entries::{commit_of, listener_of, record_of, topic_of};
use grammar::{ClockKind, Control, File, Size, Tls, TopicEntry};

impl Builder {
    /// Reads what [`Builder::toml`] takes from a file.
    ///
    /// ```
    /// # let path = std::env::temp_dir().join(format!("fauxka-doc-{}.toml", std::process::id()));
    /// std::fs::write(&path, "nodes = 3")?;
    /// let builder = fauxka::Broker::builder().file(&path)?;
    /// assert_eq!(builder.node_count(), 3);
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The file cannot be read, or does not describe a cluster; the message names the line.
    pub fn file(self, path: impl AsRef<Path>) -> Result<Self, StartError> {
        let path = path.as_ref();
        let shown = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| StartError::Invalid(format!("cannot read {shown}: {error}")))?;
        let folder = path.parent();
        let described = Text {
            text: &text,
            name: Some(&shown),
            folder,
        };
        described.into_builder(self)
    }

    /// Reads the description of a cluster. Whatever you tell the builder later overrides it, and so do its
    /// [properties](Builder::properties).
    ///
    /// ```
    /// let broker = fauxka::Broker::builder()
    ///     .toml(
    ///         r#"
    ///         nodes = 3
    ///
    ///         [config]
    ///         group.initial.rebalance.delay.ms = 0
    ///
    ///         [[topics]]
    ///         name = "orders"
    ///         partitions = 6
    ///         config = { cleanup.policy = "compact" }
    ///
    ///         [[records]]
    ///         topic = "orders"
    ///         key = "customer-42"
    ///         value = "first"
    ///
    ///         [[offsets]]
    ///         group = "billing"
    ///         topic = "orders"
    ///         partition = 0
    ///         offset = 0
    ///         "#,
    ///     )?
    ///     .start_blocking()?;
    /// assert_eq!(broker.topics()[1].partitions.len(), 6);
    /// # Ok::<(), fauxka::StartError>(())
    /// ```
    ///
    /// # Errors
    /// The text does not describe a cluster; the message names the line.
    pub fn toml(self, text: &str) -> Result<Self, StartError> {
        let described = Text {
            text,
            name: None,
            folder: None,
        };
        described.into_builder(self)
    }
}

/// A text, and what to call it.
struct Text<'a> {
    text: &'a str,
    name: Option<&'a str>,
    /// Where other files are looked for.
    folder: Option<&'a Path>,
}

impl Text<'_> {
    fn into_builder(self, mut builder: Builder) -> Result<Builder, StartError> {
        let file = self.read()?;
        if let Some(path) = &file.snapshot {
            builder = self.add_snapshot(path, builder)?;
        }
        self.add_settings(&file, &mut builder)?;
        self.add_places(&file, &mut builder)?;
        builder = self.add_tls(&file, builder)?;
        self.add_topics(file.topics, &mut builder)?;
        for record in file.records {
            let record = self.said(record, record_of)?;
            builder.origin.records.push(record);
        }
        for offset in file.offsets {
            let commit = self.said(offset, |offset| Ok(commit_of(offset)))?;
            builder.origin.commits.push(commit);
        }
        for rule in file.faults {
            builder.origin.faults.push(self.said(rule, Ok)?);
        }
        self.add_users(file.users, &mut builder)?;
        for acl in file.acls {
            builder.origin.acls.push(self.said(acl, Ok)?);
        }
        if let Some(aws) = file.aws {
            self.add_aws(aws, &mut builder)?;
        }
        #[cfg(feature = "oauth")]
        if let Some(oauth) = &file.oauth {
            builder = self.add_oauth(oauth, builder)?;
        }
        for listener in file.listeners {
            let listener = self.said(listener, listener_of)?;
            builder.listeners.push(listener.what);
        }
        let File {
            nodes,
            first_node_id,
            listen,
            clock,
            seed,
            as_version,
            max_log_bytes,
            journal_rows,
            journal_bodies,
            auto_create_delay,
            lenient,
            check_invariants,
            ..
        } = file;
        set(&mut builder.nodes, nodes);
        set(&mut builder.first_node_id, first_node_id);
        let listen = listen.map(|listen| endpoints::written_out(&listen));
        set(&mut builder.listen, listen.map(Some));
        set(&mut builder.clock, clock.map(Clock::from));
        set(&mut builder.seed, seed);
        set(&mut builder.as_version, as_version.map(Some));
        let bytes = max_log_bytes.map(|size| self.size(&size));
        set(&mut builder.max_log_bytes, bytes.transpose()?.map(Some));
        set(&mut builder.journal.rows, journal_rows);
        set(&mut builder.journal.bodies, journal_bodies);
        set(&mut builder.lenient, lenient);
        set(&mut builder.check_invariants, check_invariants);
        let delay = auto_create_delay.map(|delay| self.duration(&delay));
        set(&mut builder.auto_create_delay, delay.transpose()?.map(Some));
        Ok(builder)
    }

    fn duration(&self, text: &Spanned<String>) -> Result<Duration, StartError> {
        let at = text.span().start;
        duration(text.get_ref()).map_err(|why| self.refuse(at, why))
    }

    fn size(&self, size: &Spanned<Size>) -> Result<u64, StartError> {
        match size.get_ref() {
            Size::Bytes(bytes) => Ok(*bytes),
            Size::Text(text) => parse_size(text).map_err(|why| self.refuse(size.span().start, why)),
        }
    }

    /// Where the cluster is found and where it writes; files are looked for from the description's own folder on.
    fn add_places(&self, file: &File, builder: &mut Builder) -> Result<(), StartError> {
        let folder = self.folder.unwrap_or_else(|| Path::new(""));
        if let Some(advertise) = &file.advertise {
            let read = endpoints::advertised(advertise.get_ref());
            let advertise = read.map_err(|why| self.refuse(advertise.span().start, why))?;
            builder.advertise = Some(advertise);
        }
        self.add_control(file, builder)?;
        if let Some(path) = &file.properties {
            let path = (path.span().start, folder.join(path.get_ref()));
            let text = std::fs::read(&path.1).map_err(|error| {
                self.refuse(path.0, format!("cannot read {}: {error}", path.1.display()))
            })?;
            builder.properties.extend(text);
            builder.properties.push(b'\n');
        }
        if let Some(path) = &file.journal_file {
            let path = folder.join(path);
            builder.journal_file = Some(JournalTarget { path, force: false });
        }
        if let Some(path) = &file.record {
            *builder = builder.clone().record(folder.join(path));
        }
        Ok(())
    }

    #[cfg(feature = "tls")]
    fn add_tls(&self, file: &File, mut builder: Builder) -> Result<Builder, StartError> {
        let folder = self.folder.unwrap_or_else(|| Path::new(""));
        builder = match file.tls.as_ref().map(Spanned::get_ref) {
            None | Some(Tls::Wanted(false)) => builder,
            Some(Tls::Wanted(true)) => builder.tls(),
            Some(Tls::In(path)) => builder.tls_in(folder.join(path)),
        };
        builder = file.tls_names.iter().fold(builder, Builder::tls_name);
        builder = file.tls_clients.iter().fold(builder, Builder::tls_client);
        let valid_for = file.tls_valid_for.as_ref().map(|text| self.duration(text));
        Ok(match valid_for.transpose()? {
            Some(duration) => builder.tls_valid_for(duration),
            None => builder,
        })
    }

    /// A library that was built without TLS cannot have any.
    #[cfg(not(feature = "tls"))]
    fn add_tls(&self, file: &File, builder: Builder) -> Result<Builder, StartError> {
        let tls = file.tls.as_ref();
        let tls = tls.filter(|wanted| !matches!(wanted.get_ref(), Tls::Wanted(false)));
        tls.map_or(Ok(builder), |tls| {
            let why = "there is no TLS: build Fauxka with its feature \"tls\"";
            Err(self.refuse(tls.span().start, why))
        })
    }

    #[cfg(feature = "control")]
    fn add_control(&self, file: &File, builder: &mut Builder) -> Result<(), StartError> {
        let token = file.control_token.as_ref();
        let token = token.map(|token| token.get_ref().clone());
        set(&mut builder.control_token, token.map(Some));
        let Some(control) = &file.control else {
            return Ok(());
        };
        builder.control = match control.get_ref() {
            Control::Wanted(false) => None,
            Control::Wanted(true) => {
                let why = "a control port needs an address, such as \"127.0.0.1:9700\"";
                return Err(self.refuse(control.span().start, why));
            }
            Control::Address(address) => Some(super::builder::Control {
                address: endpoints::written_out(address),
                or_any: false,
            }),
        };
        Ok(())
    }

    /// A library that was built without a control port cannot open one.
    #[cfg(not(feature = "control"))]
    fn add_control(&self, file: &File, _: &mut Builder) -> Result<(), StartError> {
        let control = file.control.as_ref();
        let control = control.filter(|wanted| !matches!(wanted.get_ref(), Control::Wanted(false)));
        let at = control.map(|control| control.span().start);
        let at = at.or_else(|| Some(file.control_token.as_ref()?.span().start));
        at.map_or(Ok(()), |at| {
            let why = "there is no control port: build Fauxka with its feature \"control\"";
            Err(self.refuse(at, why))
        })
    }

    fn read(&self) -> Result<File, StartError> {
        let parsed = toml::Deserializer::parse(self.text).and_then(File::deserialize);
        parsed.map_err(|error| {
            let at = error.span().map_or(self.text.len(), |span| span.start);
            self.refuse(at, plain(error.message()))
        })
    }

    fn add_snapshot(
        &self,
        path: &Spanned<String>,
        builder: Builder,
    ) -> Result<Builder, StartError> {
        let folder = self.folder.unwrap_or_else(|| Path::new(""));
        let at = path.span().start;
        let loaded = Snapshot::load(folder.join(path.get_ref()));
        let loaded = loaded.map_err(|error| self.refuse(at, said_in_full(&error)))?;
        let mut builder = builder.snapshot(loaded);
        if let Some(snapshot) = &mut builder.origin.snapshot {
            snapshot.place = Some(self.place(at).into());
        }
        Ok(builder)
    }

    fn add_settings(&self, file: &File, builder: &mut Builder) -> Result<(), StartError> {
        for setting in &file.config.0 {
            StaticConfig::check(&setting.name, &setting.value)
                .map_err(|why| self.refuse(setting.at, why))?;
            let setting = (setting.name.clone(), setting.value.clone());
            builder.file_config.push(setting);
        }
        for (node, rack) in &file.racks {
            let id = node.get_ref().parse().map_err(|_| {
                let why = format!("{:?} is not the id of a node", node.get_ref());
                self.refuse(node.span().start, why)
            })?;
            builder.racks.insert(id, rack.clone());
        }
        Ok(())
    }

    fn add_topics(
        &self,
        topics: Vec<Spanned<TopicEntry>>,
        builder: &mut Builder,
    ) -> Result<(), StartError> {
        for topic in topics {
            let topic = self.said(topic, |topic| Ok(topic_of(topic)))?;
            let mut known = builder.origin.topics.iter();
            if let Some(twin) = known.find(|said| said.what.name == topic.what.name) {
                let name = &topic.what.name;
                let place = topic.place.as_deref().unwrap_or_default();
                let first = twin.place.as_deref().unwrap_or("before");
                let why = format!("{place}: topic {name} is there already ({first})");
                return Err(StartError::Invalid(why));
            }
            builder.origin.topics.push(topic);
        }
        Ok(())
    }

    fn said<T, U>(
        &self,
        entry: Spanned<T>,
        read: impl FnOnce(T) -> Result<U, String>,
    ) -> Result<Located<U>, StartError> {
        let at = entry.span().start;
        let what = read(entry.into_inner()).map_err(|why| self.refuse(at, why))?;
        let place: Arc<str> = self.place(at).into();
        Ok(Located {
            what,
            place: Some(place),
        })
    }

    fn refuse(&self, at: usize, why: impl ToString) -> StartError {
        let why = why.to_string();
        StartError::Invalid(format!("{}: {}", self.place(at), why.trim_end()))
    }

    fn place(&self, at: usize) -> String {
        let before = self.text.bytes().take(at);
        let line = before.filter(|byte| *byte == b'\n').count() + 1;
        match self.name {
            Some(name) => format!("{name}, line {line}"),
            None => format!("line {line}"),
        }
    }
}

impl From<ClockKind> for Clock {
    fn from(kind: ClockKind) -> Self {
        match kind {
            ClockKind::Real => Self::real(),
            ClockKind::Manual => Self::manual(),
        }
    }
}

/// An error with what led to it.
fn said_in_full(error: &SnapshotError) -> String {
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}

fn set<T>(field: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *field = value;
    }
}
