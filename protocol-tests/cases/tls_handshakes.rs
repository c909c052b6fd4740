//! Handshakes with listeners that have TLS: who is served, by what certificate, and as whom.

use anyhow::{Context as _, Result};
use serde_json::json;

use crate::case::{Area, cases};
use crate::certificates;
use crate::context::{Conn, Context};
use crate::profile::{MAPPED, MODERN, OLDER, Profile, REQUESTED, REQUIRED, SECURE};
use crate::quotas::entity;
use crate::tls::{NEW, OLD, TlsClient};

/// Name of the case, the certificate, the listener, and as whom its client is served.
type Known = (&'static str, &'static str, &'static str, &'static str);

const KNOWN: &[Known] = &[
    ("principal", "client", REQUIRED, "CN=client"),
    (
        "principal_of_many_parts",
        "parts",
        REQUIRED,
        "CN=Duke,OU=ServiceUsers,O=Acme\\, Inc.,L=Town,ST=State,C=US",
    ),
    (
        "principal_with_odd_characters",
        "odd",
        REQUIRED,
        "CN=\\#1 \\\"x\\\" \\<a\\;b\\+c\\\\\\>\\ ,OU=Größe",
    ),
    ("principal_by_a_rule", "parts", MAPPED, "duke"),
    ("principal_by_a_later_rule", "client", MAPPED, "CLIENT"),
    (
        "principal_by_no_but_the_last_rule",
        "odd",
        MAPPED,
        "ANONYMOUS",
    ),
    (
        "principal_if_one_is_requested",
        "client",
        REQUESTED,
        "CN=client",
    ),
];

pub(super) fn area() -> Area {
    KNOWN
        .iter()
        .fold(Area::new("tls_handshakes").on(Profile::Tls), |area, row| {
            area.with(row.0, row, principal)
        })
        .cases(cases![
            no_client_auth,
            requested_client_auth,
            required_client_auth,
            no_certificate_where_one_is_required,
            strangers_certificate,
            expired_certificate,
            certificate_to_come,
            certificate_for_servers_alone,
            versions,
            trust,
            names,
            principal_without_a_certificate,
            principal_where_none_is_asked_for,
        ])
        .cases(cases![read_at_the_start])
        .alone()
}

/// Both versions of TLS, with this certificate, by this listener.
fn both(cx: &mut Context, listener: &str, shows: Option<&'static str>) -> Result<()> {
    for versions in [OLD, NEW] {
        let client = TlsClient {
            shows,
            ..TlsClient::new(versions)
        };
        cx.connect_tls(listener, &client)?;
    }
    Ok(())
}

fn no_client_auth(cx: &mut Context) -> Result<()> {
    both(cx, SECURE, None)?;
    both(cx, SECURE, Some("client"))?;
    // Nobody looks at it.
    both(cx, SECURE, Some("stranger"))
}

fn requested_client_auth(cx: &mut Context) -> Result<()> {
    both(cx, REQUESTED, None)?;
    both(cx, REQUESTED, Some("client"))?;
    both(cx, REQUESTED, Some("stranger"))
}

fn required_client_auth(cx: &mut Context) -> Result<()> {
    both(cx, REQUIRED, Some("client"))
}

fn no_certificate_where_one_is_required(cx: &mut Context) -> Result<()> {
    both(cx, REQUIRED, None)
}

fn strangers_certificate(cx: &mut Context) -> Result<()> {
    both(cx, REQUIRED, Some("stranger"))
}

fn expired_certificate(cx: &mut Context) -> Result<()> {
    both(cx, REQUIRED, Some("expired"))
}

fn certificate_to_come(cx: &mut Context) -> Result<()> {
    both(cx, REQUIRED, Some("to-come"))
}

fn certificate_for_servers_alone(cx: &mut Context) -> Result<()> {
    both(cx, REQUIRED, Some("server-only"))
}

fn versions(cx: &mut Context) -> Result<()> {
    both(cx, MODERN, None)?;
    both(cx, OLDER, None)
}

/// The broker's certificate was signed by someone whom the client does not know.
fn trust(cx: &mut Context) -> Result<()> {
    for versions in [OLD, NEW] {
        let client = TlsClient {
            trusts: "strangers-ca",
            ..TlsClient::new(versions)
        };
        cx.connect_tls(SECURE, &client)?;
    }
    Ok(())
}

fn names(cx: &mut Context) -> Result<()> {
    for dials in ["localhost", "127.0.0.1", "kafka.example"] {
        let client = TlsClient {
            dials,
            ..TlsClient::new(NEW)
        };
        cx.connect_tls(SECURE, &client)?;
    }
    Ok(())
}

/// Has a user exceed a quota of changes to topics by a connection: it does if that user is who the connection's client is.
fn is_user(cx: &mut Context, conn: Conn, user: &str) -> Result<()> {
    cx.labels
        .hidden
        .extend(["throttleTimeMs", "configs", "topicId"]);
    let client = cx.client_id.clone();
    let own = entity(&[("user", Some(user)), ("client-id", client.as_deref())]);
    cx.set_quotas(&own, &[("controller_mutation_rate", Some(0.001))])?;
    cx.note(&format!("the user {user} may make a topic"));
    for short in ["a", "b"] {
        let name = cx.topic(short);
        let topic = json!({"name": name, "numPartitions": 1, "replicationFactor": 1});
        let body = json!({"topics": [topic], "timeoutMs": 15000});
        cx.call_on(conn, "CreateTopics", 7, body)?;
    }
    cx.remove_quotas(&own)
}

fn served(cx: &mut Context, listener: &str, shows: Option<&'static str>) -> Result<Conn> {
    let client = TlsClient {
        shows,
        ..TlsClient::new(NEW)
    };
    let conn = cx.connect_tls(listener, &client)?;
    conn.context("the client is not served")
}

fn principal(cx: &mut Context, row: &'static Known) -> Result<()> {
    let (_, shows, listener, user) = *row;
    cx.client_id = Some(cx.topic("client"));
    let conn = served(cx, listener, Some(shows))?;
    is_user(cx, conn, user)
}

fn principal_without_a_certificate(cx: &mut Context) -> Result<()> {
    cx.client_id = Some(cx.topic("client"));
    let conn = served(cx, REQUESTED, None)?;
    is_user(cx, conn, "ANONYMOUS")
}

fn principal_where_none_is_asked_for(cx: &mut Context) -> Result<()> {
    cx.client_id = Some(cx.topic("client"));
    let conn = served(cx, SECURE, Some("client"))?;
    is_user(cx, conn, "ANONYMOUS")
}

fn set(cx: &mut Context, key: &str, value: Option<&str>) -> Result<()> {
    let operation = i32::from(value.is_none());
    let changes = json!([{"name": key, "configOperation": operation, "value": value}]);
    let resources = json!([{"resourceType": 4, "resourceName": "1", "configs": changes}]);
    let body = json!({"resources": resources, "validateOnly": false});
    cx.call("IncrementalAlterConfigs", 1, body)?;
    let row = json!({"resourceType": 4, "resourceName": "1", "configurationKeys": [key]});
    cx.until("the setting", |cx| {
        let answer = cx.call("DescribeConfigs", 4, json!({"resources": [row]}))?;
        // Set on one broker while it runs.
        let is_set = answer["results"][0]["configs"][0]["configSource"] == 2;
        Ok(is_set == value.is_some())
    })
}

/// What Kafka takes while it runs, and reads only when it starts; not even once the listener has another trust store.
fn read_at_the_start(cx: &mut Context) -> Result<()> {
    let folder = certificates::folder()?.display().to_string();
    cx.labels.text(&folder, "<folder>");
    let trusted = format!("{folder}/ca.pem");
    let changes = [
        ("listener.name.requested.ssl.client.auth", "required"),
        ("listener.name.requested.ssl.enabled.protocols", "TLSv1.3"),
        ("listener.name.requested.ssl.truststore.location", &*trusted),
    ];
    for (key, value) in changes {
        set(cx, key, Some(value))?;
    }
    // Once a certificate is not taken that was, the trust store is the new one.
    cx.until("the trust store acts", |cx| {
        let client = TlsClient::new(NEW).showing("parts");
        Ok(cx.connect_tls(REQUESTED, &client)?.is_none())
    })?;
    both(cx, REQUESTED, None)?;
    both(cx, REQUESTED, Some("client"))?;
    both(cx, REQUESTED, Some("parts"))?;
    for (key, _) in changes {
        set(cx, key, None)?;
    }
    cx.until("the trust store acts", |cx| {
        let client = TlsClient::new(NEW).showing("parts");
        Ok(cx.connect_tls(REQUESTED, &client)?.is_some())
    })
}
