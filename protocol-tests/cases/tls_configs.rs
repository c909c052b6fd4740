//! A listener with TLS: its settings as they change while the broker runs, and what is no TLS on its port.

use anyhow::Result;
use serde_json::json;

use crate::case::{Area, cases};
use crate::certificates;
use crate::context::Context;
use crate::profile::{Profile, SECURE};

/// Name of the case, broker ("" is all of them), key, value; only validated. `<folder>` stands for that of the certificates.
type Try = (&'static str, &'static str, &'static str, &'static str);

const TRIES: &[Try] = &[
    (
        "no_such_keystore",
        "1",
        "listener.name.secure.ssl.keystore.location",
        "/no/such/file",
    ),
    (
        "no_such_keystore_of_all_listeners",
        "1",
        "ssl.keystore.location",
        "/no/such/file",
    ),
    (
        "keystore_for_all_brokers",
        "",
        "listener.name.secure.ssl.keystore.location",
        "<folder>/broker.pem",
    ),
    (
        "keystore_of_all_listeners_for_all_brokers",
        "",
        "ssl.keystore.location",
        "<folder>/broker.pem",
    ),
    (
        "same_keystore",
        "1",
        "listener.name.secure.ssl.keystore.location",
        "<folder>/broker.pem",
    ),
    (
        "keystore_of_another_name",
        "1",
        "listener.name.secure.ssl.keystore.location",
        "<folder>/client.pem",
    ),
    (
        "keystore_of_the_same_name_for_other_hosts",
        "1",
        "listener.name.secure.ssl.keystore.location",
        "<folder>/namesake.pem",
    ),
    (
        "keystore_without_key",
        "1",
        "listener.name.secure.ssl.keystore.location",
        "<folder>/ca.pem",
    ),
    (
        "keystore_of_another_type",
        "1",
        "listener.name.secure.ssl.keystore.type",
        "PKCS12",
    ),
    (
        "keystore_of_unknown_type",
        "1",
        "listener.name.secure.ssl.keystore.type",
        "XYZ",
    ),
    (
        "no_such_truststore",
        "1",
        "listener.name.secure.ssl.truststore.location",
        "/no/such/file",
    ),
    (
        "truststore",
        "1",
        "listener.name.secure.ssl.truststore.location",
        "<folder>/ca.pem",
    ),
    (
        "client_auth",
        "1",
        "listener.name.secure.ssl.client.auth",
        "required",
    ),
    (
        "client_auth_for_all_brokers",
        "",
        "listener.name.secure.ssl.client.auth",
        "required",
    ),
    (
        "client_auth_unknown",
        "1",
        "listener.name.secure.ssl.client.auth",
        "maybe",
    ),
    (
        "protocols",
        "1",
        "listener.name.secure.ssl.enabled.protocols",
        "TLSv1.3",
    ),
    (
        "protocols_unknown",
        "1",
        "listener.name.secure.ssl.enabled.protocols",
        "SSLv9",
    ),
    (
        "cipher_suites_unknown",
        "1",
        "listener.name.secure.ssl.cipher.suites",
        "TLS_NO_SUCH_SUITE",
    ),
    (
        "mapping_rules",
        "1",
        "listener.name.secure.ssl.principal.mapping.rules",
        "DEFAULT",
    ),
    (
        "unknown_listener",
        "1",
        "listener.name.nobody.ssl.client.auth",
        "required",
    ),
    (
        "max_connections",
        "1",
        "listener.name.secure.max.connections",
        "5",
    ),
    (
        "max_connections_for_all_brokers",
        "",
        "listener.name.secure.max.connections",
        "5",
    ),
    (
        "max_connections_negative",
        "1",
        "listener.name.secure.max.connections",
        "-5",
    ),
    (
        "creation_rate",
        "1",
        "listener.name.secure.max.connection.creation.rate",
        "5",
    ),
    (
        "sasl_receive_size",
        "1",
        "listener.name.secure.sasl.server.max.receive.size",
        "5",
    ),
    (
        "mechanisms",
        "1",
        "listener.name.secure.sasl.enabled.mechanisms",
        "PLAIN",
    ),
];

pub(super) fn area() -> Area {
    TRIES
        .iter()
        .fold(Area::new("tls_configs").on(Profile::Tls), |area, row| {
            area.with(row.0, row, validated)
        })
        .cases(cases![
            plain_text_where_tls_is_spoken,
            http_where_tls_is_spoken,
            keystore_with_a_wrong_password,
            keystore_that_is_none,
            passwords_are_hidden
        ])
}

fn validated(cx: &mut Context, row: &'static Try) -> Result<()> {
    let (_, broker, key, value) = *row;
    validate(cx, broker, &[(key, value)])
}

fn validate(cx: &mut Context, broker: &str, settings: &[(&str, &str)]) -> Result<()> {
    let folder = certificates::folder()?.display().to_string();
    cx.labels.text(&folder, "<folder>");
    let changes: Vec<_> = settings
        .iter()
        .map(|(key, value)| json!({"name": key, "configOperation": 0, "value": value.replace("<folder>", &folder)}))
        .collect();
    let resources = json!([{"resourceType": 4, "resourceName": broker, "configs": changes}]);
    let body = json!({"resources": resources, "validateOnly": true});
    cx.call("IncrementalAlterConfigs", 1, body)?;
    Ok(())
}

/// A keystore in PKCS12.
fn pkcs12(cx: &mut Context, file: &str, password: &str) -> Result<()> {
    let location = format!("<folder>/{file}");
    let prefixed = |key: &str| format!("listener.name.secure.ssl.keystore.{key}");
    let (at, kind, by) = (prefixed("location"), prefixed("type"), prefixed("password"));
    validate(
        cx,
        "1",
        &[
            (at.as_str(), location.as_str()),
            (kind.as_str(), "PKCS12"),
            (by.as_str(), password),
        ],
    )
}

fn keystore_with_a_wrong_password(cx: &mut Context) -> Result<()> {
    pkcs12(cx, "client.p12", "wrong")
}

fn keystore_that_is_none(cx: &mut Context) -> Result<()> {
    pkcs12(cx, "client.pem", "changeit")
}

fn plain_text_where_tls_is_spoken(cx: &mut Context) -> Result<()> {
    let conn = cx.connect_by(1, SECURE)?;
    cx.send_on(conn, "ApiVersions", 0, json!({}))?;
    cx.expect_closed(conn)
}

fn http_where_tls_is_spoken(cx: &mut Context) -> Result<()> {
    let conn = cx.connect_by(1, SECURE)?;
    cx.send_bytes(conn, "an HTTP request", b"GET / HTTP/1.1\r\n\r\n")?;
    cx.expect_closed(conn)
}

fn passwords_are_hidden(cx: &mut Context) -> Result<()> {
    let keys = [
        "ssl.keystore.type",
        "ssl.client.auth",
        "ssl.keystore.password",
        "ssl.key.password",
    ];
    let row = json!({"resourceType": 4, "resourceName": "1", "configurationKeys": keys});
    cx.call(
        "DescribeConfigs",
        4,
        json!({"resources": [row], "includeSynonyms": true}),
    )?;
    Ok(())
}
