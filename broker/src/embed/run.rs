//! Serving a cluster.

use std::sync::Arc;

use tokio::runtime::Runtime;

use super::assemble::{
    Assembled, assemble, node_ids, refuse_unenforced, static_config, time_of_day,
};
use super::builder::Builder;
use super::error::StartError;
use super::placing::{Bound, Plan, bind, plan};
use super::thread::Served;
#[cfg(feature = "oauth")]
use super::tokens;
use crate::server::clock::Clock;
use crate::server::shared::Shared;
use crate::wire::units::NodeId;

/// Makes a cluster of its description, and serves it.
pub(super) fn prepare(builder: &Builder) -> Result<Served, StartError> {
    let real = || Clock::real(builder.clock.start);
    let (assembled, bound) = make(builder, real, bind)?;
    #[cfg(feature = "oauth")]
    tokens::fetch(&assembled.shared)?;
    serve(builder, &assembled, bound)
}

/// Makes a cluster of its description, with a clock that runs if it is to have one, and with bound listeners.
pub(super) fn make(
    builder: &Builder,
    real: impl FnOnce() -> Clock,
    bind: impl FnOnce(&Plan, &[NodeId]) -> Result<Bound, StartError>,
) -> Result<(Assembled, Bound), StartError> {
    #[cfg_attr(
        not(feature = "tls"),
        expect(unused_mut, reason = "certificates are settings")
    )]
    let mut config = static_config(builder)?;
    let ids = node_ids(builder)?;
    let plan = plan(builder, &config)?;
    refuse_unenforced(builder, &config, &plan)?;
    let clock = if builder.clock.manual {
        Clock::manual(time_of_day(builder))
    } else {
        real()
    };
    #[cfg(feature = "tls")]
    let certificates = super::keys::make(builder, &plan, &mut config, &clock)?;
    let bound = bind(&plan, &ids)?;
    let assembled = assemble(builder, config, &ids, &bound, clock)?;
    #[cfg(feature = "tls")]
    let assembled = {
        super::keys::load(&assembled)?;
        Assembled {
            certificates,
            ..assembled
        }
    };
    Ok((assembled, bound))
}

/// Serves a cluster with the description's threads and control port.
pub(super) fn serve(
    builder: &Builder,
    assembled: &Assembled,
    bound: Bound,
) -> Result<Served, StartError> {
    let shared = Arc::clone(&assembled.shared);
    let runtime = runtime(builder.workers)?;
    let control = {
        let _entered = runtime.enter();
        crate::server::spawn(&shared, bound.into_listening())?;
        spawn_control(builder, &shared)?
    };
    runtime.block_on(shared.close_stopped().wait());
    shared.set_started();
    Ok((runtime, assembled.started(control), shared))
}

fn runtime(workers: usize) -> Result<Runtime, StartError> {
    let mut runtime = if workers > 1 {
        let mut runtime = tokio::runtime::Builder::new_multi_thread();
        runtime.worker_threads(workers).thread_name("fauxka-worker");
        runtime
    } else {
        tokio::runtime::Builder::new_current_thread()
    };
    Ok(runtime.enable_all().build()?)
}

#[cfg(feature = "control")]
fn spawn_control(builder: &Builder, shared: &Arc<Shared>) -> Result<Option<String>, StartError> {
    let Some(control) = &builder.control else {
        return Ok(None);
    };
    let at = (control.address.as_str(), control.or_any);
    crate::control::spawn(shared, at, builder.control_token.clone())
        .map(Some)
        .map_err(|source| StartError::Listen {
            address: control.address.clone(),
            source,
        })
}

#[cfg(not(feature = "control"))]
#[expect(clippy::unnecessary_wraps, reason = "the other one can fail")]
fn spawn_control(_: &Builder, _: &Arc<Shared>) -> Result<Option<String>, StartError> {
    Ok(None)
}
