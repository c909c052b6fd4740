//! What happens on a bench, kept in memory: to have it happen again, and to have a recording of a test that fails.

use std::cell::Cell;
use std::fs::{self, File};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::Bench;
use crate::engine::Engine;
use crate::engine::commands::CommandFailure;
use crate::engine::context::Effects;
use crate::engine::input::{Input, Reply};
use crate::engine::recording::{Entry, Head};
use crate::engine::time::Now;

/// Inputs with their moments, and with digests of what they led to where these are wanted.
#[derive(Debug)]
pub(crate) struct Tape {
    head: Head,
    steps: Vec<(Now, Input, Option<u64>)>,
    /// Where it is written if the test fails.
    file: PathBuf,
}

impl Tape {
    /// Has all that happens on the bench from now on be kept, as from a recording that begins in the middle. Says what
    /// comes of that.
    pub(crate) fn begin(bench: &mut Bench) -> Effects {
        let mut effects = Effects::default();
        let head = bench.engine.begin_recording(bench.now, &mut effects);
        // As it comes out of a file.
        let written = serde_json::to_vec(&head.unwrap()).unwrap();
        bench.tape = Some(Self {
            head: serde_json::from_slice(&written).unwrap(),
            steps: Vec::new(),
            file: file(),
        });
        effects
    }

    /// The same of an engine to which nothing has happened yet but what its test did to it.
    pub(super) fn of(engine: &Engine, now: Now) -> Self {
        Self {
            head: engine.head(now),
            steps: Vec::new(),
            file: file(),
        }
    }

    pub(super) fn note(&mut self, now: Now, input: Input, digest: Option<u64>) {
        self.steps.push((now, input, digest));
    }

    /// How much has happened.
    pub(crate) const fn steps(&self) -> usize {
        self.steps.len()
    }

    /// Has it all happen to another cluster, and compares each step. Gives back that cluster.
    pub(crate) fn rerun(self) -> Engine {
        let mut engine = self.head.engine().unwrap();
        for (number, (now, input, recorded)) in self.steps.into_iter().enumerate() {
            let shown = format!("{input:?}");
            let mut effects = Effects::default();
            let reply = engine.handle(now, input, &mut effects);
            let same = recorded.is_none_or(|recorded| recorded == digest(&reply, &effects));
            assert!(same, "step {number}, {shown}: {reply:?}, {effects:?}");
        }
        engine
    }

    /// Writes it to its file if the test fails, and says where; removes what an earlier run left if it passes.
    pub(super) fn settle(&self) {
        let path = self.file.display();
        if !std::thread::panicking() {
            // There is one only if the test failed before.
            let _ = fs::remove_file(&self.file);
            return;
        }
        match self.write() {
            Ok(()) => eprintln!(
                "what happened is recorded, but for what the test itself did to the engine: fauxka rerun {path}"
            ),
            Err(error) => eprintln!("what happened cannot be written to {path}: {error}"),
        }
    }

    pub(crate) fn write(&self) -> io::Result<()> {
        fs::create_dir_all(self.file.parent().unwrap_or_else(|| Path::new(".")))?;
        let fast = flate2::Compression::fast();
        let mut to = flate2::write::GzEncoder::new(File::create(&self.file)?, fast);
        serde_json::to_writer(&mut to, &self.head)?;
        for (now, input, _) in &self.steps {
            to.write_all(b"\n")?;
            serde_json::to_writer(&mut to, &Entry::input(*now, &with_body(input)))?;
        }
        to.write_all(b"\n")?;
        to.finish()?.flush()
    }

    pub(crate) fn file(&self) -> &Path {
        &self.file
    }
}

/// A file for each bench of each test, the same in every run.
fn file() -> PathBuf {
    thread_local! {
        static TAPES: Cell<u64> = const { Cell::new(0) };
    }
    let number = TAPES.replace(TAPES.get() + 1);
    let thread = std::thread::current();
    let test = thread.name().unwrap_or("test").replace("::", "-");
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/recordings");
    Path::new(folder).join(format!("{test}-{number}.run"))
}

pub(super) fn digest(reply: &Result<Reply, CommandFailure>, effects: &Effects) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{reply:?} {effects:?}").hash(&mut hasher);
    hasher.finish()
}

/// A request with its body, which benches leave out.
fn with_body(input: &Input) -> Input {
    let mut input = copy(input);
    if let Input::Request(call, request) = &mut input
        && call.body.is_empty()
    {
        call.body = request.body(call.version).unwrap_or_default();
    }
    input
}

/// The same once more.
pub(super) fn copy(input: &Input) -> Input {
    match input {
        Input::Opened {
            connection,
            node,
            listener,
            client_host,
        } => Input::Opened {
            connection: *connection,
            node: *node,
            listener: *listener,
            client_host: client_host.clone(),
        },
        Input::Secured {
            connection,
            node,
            certificate,
        } => Input::Secured {
            connection: *connection,
            node: *node,
            certificate: certificate.clone(),
        },
        Input::KeySetCame { set, came } => Input::KeySetCame {
            set: *set,
            came: came.clone(),
        },
        Input::KeysRefused { connection, why } => Input::KeysRefused {
            connection: *connection,
            why: why.clone(),
        },
        Input::Request(call, request) => Input::Request(call.clone(), request.clone()),
        Input::Token(call, token) => Input::Token(call.clone(), token.clone()),
        Input::FrameRefused(call, why) => Input::FrameRefused(call.clone(), why.clone()),
        Input::Departed(connection) => Input::Departed(*connection),
        Input::Misbehaved { connection, why } => Input::Misbehaved {
            connection: *connection,
            why: why.clone(),
        },
        Input::Closed { connection, why } => Input::Closed {
            connection: *connection,
            why: why.clone(),
        },
        Input::LongPollOver(connection) => Input::LongPollOver(*connection),
        Input::LinkOffered(rule) => Input::LinkOffered(*rule),
        Input::LinkActed(rule) => Input::LinkActed(*rule),
        Input::Deadline => Input::Deadline,
        Input::Command(command) => Input::Command(command.clone()),
    }
}
