//! rskafka on a listener with TLS, under the contract of ../../../README.md.

use std::sync::Arc;

use anyhow::{Context as _, Result, bail};
use chrono::Utc;
use fauxka_clients::secured::{self, PATIENCE, Secured, VALUES};
use rskafka::client::partition::{Compression, OffsetAt, UnknownTopicHandling};
use rskafka::client::{ClientBuilder, Credentials, SaslConfig};
use rskafka::record::Record;
use rustls::crypto::ring;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;

const FETCH_BYTES: i32 = 1024 * 1024;
const WAIT_MS: i32 = 1000;

#[tokio::main]
async fn main() -> Result<()> {
    let told = Secured::arguments();
    // It tries again without end.
    let values = timeout(PATIENCE, trip(&told)).await??;
    secured::done(&values)
}

fn tls(told: &Secured) -> Result<ClientConfig> {
    let mut trusted = RootCertStore::empty();
    for authority in CertificateDer::pem_file_iter(&told.ca)? {
        trusted.add(authority?)?;
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(trusted);
    let Some(certificate) = &told.certificate else {
        return Ok(builder.with_no_client_auth());
    };
    let chain = CertificateDer::pem_file_iter(certificate)?.collect::<Result<_, _>>()?;
    let key = PrivateKeyDer::from_pem_file(certificate)?;
    Ok(builder.with_client_auth_cert(chain, key)?)
}

fn log_in(told: &Secured) -> Result<Option<SaslConfig>> {
    let Some(mechanism) = &told.mechanism else {
        return Ok(None);
    };
    let (user, password) = told.log_in().context("a mechanism, but no user")?;
    let credentials = Credentials::new(user, password);
    Ok(Some(match mechanism.as_str() {
        "PLAIN" => SaslConfig::Plain(credentials),
        "SCRAM-SHA-256" => SaslConfig::ScramSha256(credentials),
        "SCRAM-SHA-512" => SaslConfig::ScramSha512(credentials),
        other => bail!("unknown mechanism {other}"),
    }))
}

async fn trip(told: &Secured) -> Result<Vec<Vec<u8>>> {
    let mut builder =
        ClientBuilder::new(vec![told.bootstrap.clone()]).tls_config(Arc::new(tls(told)?));
    if let Some(log_in) = log_in(told)? {
        builder = builder.sasl_config(log_in);
    }
    let client = builder.build().await?;
    let partition = client
        .partition_client(&told.topic, 0, UnknownTopicHandling::Retry)
        .await?;
    let records = VALUES.map(record).into();
    partition
        .produce(records, Compression::NoCompression)
        .await?;
    let first = partition.get_offset(OffsetAt::Earliest).await?;
    let (found, _) = partition
        .fetch_records(first, 1..FETCH_BYTES, WAIT_MS)
        .await?;
    let values = found.into_iter().map(|found| found.record.value);
    Ok(values.map(Option::unwrap_or_default).collect())
}

fn record(value: &str) -> Record {
    Record {
        key: None,
        value: Some(value.into()),
        headers: [].into(),
        timestamp: Utc::now(),
    }
}
