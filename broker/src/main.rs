//! The `fauxka` program.

mod cli;

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use fauxka::clock::Clock;
use fauxka::snapshot::Snapshot;
use fauxka::{Broker, Builder, StartError};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use cli::{Cli, ClockKind, Reach, Replay, Serve, Task, read};

/// musl's own allocator asks the kernel for nearly every page, and has one lock as well.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// Threads that serve connections, at most: beyond that the engine is what they wait for. A small machine has one: handing
/// requests between two costs more than half of what small requests do, and clients need a core, too.
const MOST_WORKERS: usize = 4;

/// The status when fault rules have not acted as often as they were expected to.
const BROKEN_EXPECTATIONS: u8 = 3;

fn main() -> ExitCode {
    cli::shell::complete();
    let nothing_broken = |()| Vec::new();
    let done = match Cli::read(std::env::args_os()).task() {
        Task::Serve(options) => serve(*options),
        Task::Replay(options) => replay(&options).map(nothing_broken),
        Task::Rerun(options) => rerun(*options),
        Task::Remote(remote) => cli::remote::run(&remote).map(nothing_broken),
        Task::Completions(shell) => cli::shell::print_completions(shell).map(nothing_broken),
        Task::Man(folder) => cli::shell::write_man(&folder).map(nothing_broken),
        Task::Openapi => cli::shell::print_openapi().map(nothing_broken),
    };
    match done {
        Ok(broken) if broken.is_empty() => ExitCode::SUCCESS,
        Ok(broken) => complain(&broken),
        // Anyone who reads has enough, as `head` does.
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(io::stderr(), "fauxka: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let cause = error.root_cause().downcast_ref::<io::Error>();
    cause.is_some_and(|cause| cause.kind() == io::ErrorKind::BrokenPipe)
}

fn complain(broken: &[String]) -> ExitCode {
    for expectation in broken {
        let _ = writeln!(io::stderr(), "fauxka: {expectation}");
    }
    ExitCode::from(BROKEN_EXPECTATIONS)
}

fn serve(options: Serve) -> Result<Vec<String>> {
    log_to_stderr(&options.log)?;
    let must_follow_parent = options.reach.exit_with_parent;
    let builder = builder(options)?;
    run(builder.start(), must_follow_parent)
}

fn rerun(options: cli::rerun::Options) -> Result<Vec<String>> {
    log_to_stderr("warn")?;
    let rerun = options.run()?;
    if !options.serve {
        options.show(&rerun, &mut io::stdout().lock())?;
        return Ok(Vec::new());
    }
    let must_follow_parent = options.reach.exit_with_parent;
    let served = options.served(rerun)?.worker_threads(workers());
    run(served.start(), must_follow_parent)
}

/// Starts a cluster, runs it until it is asked to end, and says which expectations are broken then.
fn run(
    start: impl Future<Output = Result<Broker, StartError>>,
    must_follow_parent: bool,
) -> Result<Vec<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    // A parent that ends while the cluster starts is gone by the time that somebody looks.
    let parent_ended = signals::parent_ended();
    runtime.block_on(async {
        // Before the line that says we are ready: anyone who reads it may end us.
        let asked_to_end = signals::asked_to_end()?;
        let broker = start.await?;
        tracing::info!(
            "Fauxka {} is ready at {}, seed {}",
            env!("CARGO_PKG_VERSION"),
            broker.bootstrap(),
            broker.seed()
        );
        print_ready(&broker)?;
        if must_follow_parent {
            tokio::select! {
                () = asked_to_end => {}
                () = parent_ended => tracing::info!("the parent process ended"),
            }
        } else {
            asked_to_end.await;
        }
        Ok(broker.stop())
    })
}

fn replay(options: &Replay) -> Result<()> {
    let path = &options.journal;
    let journal = String::from_utf8(read(path)?).context("the journal is no text")?;
    let replayed = fauxka::replay::run(&journal, &options.bootstrap)
        .with_context(|| format!("cannot replay {}", path.display()))?;
    let (requests, connections) = (replayed.requests, replayed.connections);
    writeln!(
        io::stdout(),
        "{requests} requests over {connections} connections"
    )?;
    Ok(())
}

fn log_to_stderr(filter: &str) -> Result<()> {
    let filter: Targets = filter.parse().with_context(|| format!("--log {filter}"))?;
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal());
    tracing_subscriber::registry()
        .with(lines)
        .with(filter)
        .init();
    Ok(())
}

fn builder(options: Serve) -> Result<Builder> {
    let mut builder = reachable(&options.reach, tuned(&options, described(&options)?))?;
    if let Some(path) = &options.properties {
        builder = builder.properties(read(path)?);
    }
    builder = match (options.journal_file, options.force) {
        (Some(path), false) => builder.journal_file(path),
        (Some(path), true) => builder.journal_file_over(path),
        (None, _) => builder,
    };
    builder = match (options.record, options.force) {
        (Some(path), false) => builder.record(path),
        (Some(path), true) => builder.record_over(path),
        (None, _) => builder,
    };
    for (key, value) in options.config {
        builder = builder.config(key, value);
    }
    for listener in options.listener {
        builder = builder.listener(listener);
    }
    #[cfg(feature = "tls")]
    {
        builder = match options.tls.as_deref() {
            None | Some("false") => builder,
            Some("true") => builder.tls(),
            Some(folder) => builder.tls_in(folder),
        };
        builder = options
            .tls_name
            .into_iter()
            .fold(builder, Builder::tls_name);
        builder = options
            .tls_client
            .into_iter()
            .fold(builder, Builder::tls_client);
        builder = options
            .tls_valid_for
            .into_iter()
            .fold(builder, Builder::tls_valid_for);
    }
    builder = options.login.apply(builder)?;
    for user in options.sasl {
        builder = builder.user(user.name, user.password);
    }
    for topic in options.topic {
        let most = builder.node_count().min(3);
        let replication = topic.replication.unwrap_or(most);
        builder = builder.topic(topic.name, topic.partitions, replication);
    }
    Ok(builder)
}

/// Where clients and commands find the cluster.
fn reachable(options: &Reach, mut builder: Builder) -> Result<Builder> {
    if let Some(address) = &options.advertise {
        builder = builder.advertise_at(address)?;
    }
    if let Some(token) = &options.control_token {
        builder = builder.control_token(token);
    }
    if let Some(address) = &options.control {
        builder = builder.control(address);
    }
    if options.no_control {
        builder = builder.no_control();
    }
    Ok(builder)
}

/// What is a number, a name or a matter of yes and no.
fn tuned(options: &Serve, mut builder: Builder) -> Builder {
    if let Some(seed) = options.seed {
        builder = builder.seed(seed);
    }
    if let Some(release) = &options.as_version {
        builder = builder.as_version(release);
    }
    if let Some(bytes) = options.max_log_bytes {
        builder = builder.max_log_bytes(bytes);
    }
    if let Some(rows) = options.journal_rows {
        builder = builder.journal_rows(rows);
    }
    if let Some(delay) = options.auto_create_delay {
        builder = builder.auto_create_delay(delay);
    }
    if options.journal_bodies {
        builder = builder.journal_bodies(true);
    }
    if options.lenient {
        builder = builder.lenient(true);
    }
    if options.check_invariants {
        builder = builder.check_invariants(true);
    }
    builder
}

/// What the file says, and which nodes and clock there are.
fn described(options: &Serve) -> Result<Builder> {
    let mut builder = Broker::builder()
        .listen_by_default(cli::DEFAULT_LISTEN)
        .control_preferring(cli::DEFAULT_CONTROL)
        .worker_threads(workers());
    if let Some(name) = &options.login.profile {
        builder = builder.profile(name)?;
    }
    if let Some(path) = &options.file {
        builder = builder.file(path)?;
    }
    for path in &options.faults {
        builder = builder.faults_file(path)?;
    }
    if let Some(path) = &options.snapshot {
        builder = builder.snapshot(Snapshot::load(path)?);
    }
    if let Some(address) = &options.reach.listen {
        builder = builder.listen(address);
    }
    if let Some(nodes) = options.nodes {
        builder = builder.nodes(nodes);
    }
    if let Some(id) = options.first_node_id {
        builder = builder.first_node_id(id);
    }
    match options.clock {
        Some(ClockKind::Real) => builder = builder.clock(Clock::real()),
        Some(ClockKind::Manual) => builder = builder.clock(Clock::manual()),
        None => {}
    }
    Ok(builder)
}

fn workers() -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    (cores / 2).clamp(1, MOST_WORKERS)
}

fn print_ready(broker: &Broker) -> io::Result<()> {
    let mut line = format!("READY bootstrap={}", broker.bootstrap());
    if let Some(url) = broker.control() {
        line.push_str(" control=");
        line.push_str(url);
    }
    line.push_str(&format!(" seed={}", broker.seed()));
    let listeners: Vec<_> = broker.listeners().collect();
    if listeners.len() > 1 {
        for (name, bootstrap) in listeners {
            line.push_str(&format!(" bootstrap.{name}={bootstrap}"));
        }
    }
    #[cfg(feature = "tls")]
    if let Some(certificates) = broker.certificates() {
        line.push_str(&format!(" ca={}", certificates.authority().display()));
    }
    let mut out = io::stdout();
    writeln!(out, "{line}")?;
    out.flush()
}

#[cfg(unix)]
mod signals {
    use std::io;
    use std::os::unix::process::parent_id;
    use std::time::Duration;

    use tokio::signal::unix::{SignalKind, signal};

    /// How often the parent is looked for: a process is not told when its parent ends.
    const PARENT_CHECK: Duration = Duration::from_millis(250);

    /// Ends with SIGTERM or SIGINT, which are caught from this call on.
    pub(super) fn asked_to_end() -> io::Result<impl Future<Output = ()>> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
        })
    }

    /// Ends when the process that started this one has.
    pub(super) fn parent_ended() -> impl Future<Output = ()> {
        let parent = parent_id();
        async move {
            while parent_id() == parent {
                tokio::time::sleep(PARENT_CHECK).await;
            }
        }
    }
}

#[cfg(not(unix))]
mod signals {
    use std::io::{self, Read as _};

    /// Ends with Ctrl-C.
    pub(super) fn asked_to_end() -> io::Result<impl Future<Output = ()>> {
        Ok(async {
            let _ = tokio::signal::ctrl_c().await;
        })
    }

    /// Ends when the standard input does, which the parent holds.
    pub(super) async fn parent_ended() {
        let read = || io::stdin().read_to_end(&mut Vec::new());
        let _ = tokio::task::spawn_blocking(read).await;
    }
}
