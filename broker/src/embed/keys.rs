//! The keys and certificates of a cluster's listeners with TLS.

use std::sync::Arc;

use super::assemble::Assembled;
use super::builder::Builder;
use super::certificates::{self, Certificates, Moments};
use super::error::StartError;
use super::placing::Plan;
use crate::engine::Advertise;
use crate::engine::cluster::configs::StaticConfig;
use crate::server::clock::{self, Clock};

/// Makes certificates, if they are wanted, and has listeners with TLS use them unless their settings say otherwise.
pub(super) fn make(
    builder: &Builder,
    plan: &Plan,
    config: &mut StaticConfig,
    clock: &Clock,
) -> Result<Option<Arc<Certificates>>, StartError> {
    let Some(wanted) = &builder.tls else {
        return Ok(None);
    };
    if !plan.ways().have_tls {
        return Err(StartError::invalid(
            "certificates are wanted, but no listener has TLS: make one SSL or SASL_SSL",
        ));
    }
    let hosts = plan.0.iter().flat_map(|planned| {
        let listen = planned.said.listen.rsplit_once(':');
        let bound = listen.map(|(host, _)| host.trim_matches(['[', ']']).to_owned());
        let told = match &planned.said.advertise {
            Some(Advertise::Host(host, _)) => Some(host.clone()),
            Some(Advertise::Bound | Advertise::Dialled) | None => None,
        };
        bound.into_iter().chain(told)
    });
    let names = certificates::names_of(hosts);
    let moments = Moments {
        system: clock::time_of_day().0.div_euclid(1000),
        cluster: clock.now().wall.0.div_euclid(1000),
    };
    let made = certificates::make(wanted, names, moments).map_err(StartError::Invalid)?;
    let path = |name: &str| made.folder().join(name).display().to_string();
    let given = |names: [&str; 2]| names.iter().any(|name| config.get(name).is_some());
    let mut settings = Vec::new();
    if !given(["ssl.keystore.location", "ssl.keystore.key"]) {
        settings.push(("ssl.keystore.type", "PEM".to_owned()));
        settings.push(("ssl.keystore.location", path("broker.pem")));
    }
    if !given(["ssl.truststore.location", "ssl.truststore.certificates"]) {
        settings.push(("ssl.truststore.type", "PEM".to_owned()));
        settings.push(("ssl.truststore.location", path("ca.pem")));
    }
    config.fill(settings);
    Ok(Some(Arc::new(made)))
}

/// Reads the keys and certificates of listeners with TLS.
pub(super) fn load(assembled: &Assembled) -> Result<(), StartError> {
    assembled.shared.load_keys().map_err(StartError::Invalid)
}
