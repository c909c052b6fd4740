//! What MSK's API says of a cluster: its strings of bootstrap brokers, and by what clients log in.

use crate::engine::listeners::{Listener, Protocol, host_port};
use crate::engine::mechanism::{Mechanism, Scram};
use crate::engine::state::State;

/// One of the strings that GetBootstrapBrokers gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Brokers {
    /// Its name in MSK's REST API.
    pub(crate) field: &'static str,
    /// `HOST:PORT`, with commas between them.
    pub(crate) brokers: String,
}

/// By what clients of a cluster log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClientAuthentication {
    pub(crate) iam: bool,
    pub(crate) scram: bool,
    pub(crate) tls: bool,
    /// Not at all.
    pub(crate) nobody: bool,
}

/// What MSK's API calls the string of a listener; nothing for one that MSK does not have.
fn field_of(listener: &Listener) -> Option<&'static str> {
    let is_public = listener.name.starts_with("PUBLIC");
    let has = |mechanism| listener.mechanisms().contains(&mechanism);
    let scram = Mechanism::Scram(Scram::Sha512);
    Some(match (listener.protocol, is_public) {
        (Protocol::Plaintext, _) => "bootstrapBrokerString",
        (Protocol::Ssl, false) => "bootstrapBrokerStringTls",
        (Protocol::Ssl, true) => "bootstrapBrokerStringPublicTls",
        (_, false) if has(Mechanism::AwsMskIam) => "bootstrapBrokerStringSaslIam",
        (_, true) if has(Mechanism::AwsMskIam) => "bootstrapBrokerStringPublicSaslIam",
        (_, false) if has(scram) => "bootstrapBrokerStringSaslScram",
        (_, true) if has(scram) => "bootstrapBrokerStringPublicSaslScram",
        _ => return None,
    })
}

impl State {
    /// What GetBootstrapBrokers of MSK would say: a string for each way in that it knows.
    pub(crate) fn bootstrap_brokers(&self) -> Vec<Brokers> {
        let mut strings: Vec<Brokers> = Vec::new();
        for (id, listener) in self.listeners.with_ids() {
            let Some(field) = field_of(listener) else {
                continue;
            };
            if strings.iter().any(|known| known.field == field) {
                continue;
            }
            let nodes = self.cluster.all_ids().into_iter();
            let addresses = nodes.filter_map(|node| {
                let host = self.first_host(id)?;
                let endpoint = self.endpoint(node, id, &host)?;
                Some(host_port(&endpoint.host, endpoint.port))
            });
            let brokers = addresses.collect::<Vec<_>>().join(",");
            strings.push(Brokers { field, brokers });
        }
        strings
    }

    /// By what clients log in, in MSK's terms.
    pub(crate) fn client_authentication(&self) -> ClientAuthentication {
        let fields: Vec<_> = self.listeners.all().iter().filter_map(field_of).collect();
        let any = |end: &str| fields.iter().any(|field| field.ends_with(end));
        ClientAuthentication {
            iam: any("SaslIam"),
            scram: any("SaslScram"),
            tls: any("Tls"),
            nobody: any("bootstrapBrokerString"),
        }
    }
}
