//! Asking others over HTTP: one GET, as jose4j has Java make it, within bounds of time and size.

use std::time::Duration;

use http_body_util::{BodyExt as _, Empty, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CACHE_CONTROL, HOST, LOCATION, USER_AGENT};
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time;

use crate::engine::cluster::configs::StoreSettings;

/// The longest body, as in jose4j.
const BODY_BYTES_MAX: usize = 512 * 1024;
/// How long all of it may take. Java waits so long for each part of it.
const PATIENCE: Duration = Duration::from_secs(20);
/// Other addresses that are followed, as in Java.
const REDIRECTS_MAX: usize = 20;
/// What is waited before it is tried again, in jose4j.
const PAUSES: [Duration; 3] = [
    Duration::from_millis(180),
    Duration::from_millis(360),
    Duration::from_millis(720),
];

/// Why there is no answer.
#[derive(Debug)]
enum Failed {
    /// Another time there may be one.
    Now(String),
    /// It is not tried again.
    Ever(String),
}

/// What a place answers.
enum Answered {
    Text(String),
    /// It is elsewhere.
    At(String),
}

/// The text at a URL.
///
/// # Errors
/// Why there is none, in words.
pub(super) async fn get(url: &str, trusted: &StoreSettings) -> Result<String, String> {
    let late = || format!("it did not answer within {} s", PATIENCE.as_secs());
    let tried = time::timeout(PATIENCE, tries(url, trusted)).await;
    tried.map_err(|_| late())?
}

async fn tries(url: &str, trusted: &StoreSettings) -> Result<String, String> {
    let mut pauses = PAUSES.iter();
    loop {
        match (followed(url, trusted).await, pauses.next()) {
            (Ok(text), _) => return Ok(text),
            (Err(Failed::Now(_)), Some(pause)) => time::sleep(*pause).await,
            (Err(Failed::Now(why) | Failed::Ever(why)), _) => return Err(why),
        }
    }
}

async fn followed(url: &str, trusted: &StoreSettings) -> Result<String, Failed> {
    let bad = |url: &str| Failed::Ever(format!("{url:?} is no URL"));
    let mut at: Uri = url.parse().map_err(|_| bad(url))?;
    for _ in 0..REDIRECTS_MAX {
        match asked(&at, trusted).await? {
            Answered::Text(text) => return Ok(text),
            Answered::At(place) => at = moved(&at, &place).ok_or_else(|| bad(&place))?,
        }
    }
    Err(Failed::Ever(format!(
        "it sends on from place to place, {REDIRECTS_MAX} times by now"
    )))
}

/// Where something is by now. Java goes from HTTP to HTTPS no more than back.
fn moved(from: &Uri, to: &str) -> Option<Uri> {
    let whole = if to.starts_with('/') {
        format!("{}://{}{to}", from.scheme_str()?, from.authority()?)
    } else {
        to.to_owned()
    };
    let to: Uri = whole.parse().ok()?;
    (to.scheme_str() == from.scheme_str()).then_some(to)
}

async fn asked(at: &Uri, trusted: &StoreSettings) -> Result<Answered, Failed> {
    let host = at.host().unwrap_or_default();
    let bare = host.trim_matches(['[', ']']);
    let is_secure = at.scheme_str() == Some("https");
    let port = at.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
    let stream = TcpStream::connect((bare, port)).await;
    let stream = stream.map_err(|why| Failed::Now(why.to_string()))?;
    if is_secure {
        let stream = secured(stream, bare, trusted).await.map_err(Failed::Ever)?;
        exchange(stream, at).await
    } else {
        exchange(stream, at).await
    }
}

#[cfg(feature = "tls")]
async fn secured(
    stream: TcpStream,
    host: &str,
    trusted: &StoreSettings,
) -> Result<impl AsyncRead + AsyncWrite + Unpin + Send + 'static, String> {
    super::tls::to(stream, host, trusted).await
}

#[cfg(not(feature = "tls"))]
#[expect(clippy::unused_async, reason = "the other one waits")]
async fn secured(_: TcpStream, _: &str, _: &StoreSettings) -> Result<TcpStream, String> {
    Err("HTTPS needs Fauxka's feature \"tls\", which this build lacks".to_owned())
}

async fn exchange<S>(stream: S, at: &Uri) -> Result<Answered, Failed>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let failed = |why: hyper::Error| Failed::Now(said(&why));
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(failed)?;
    // Ends with this exchange.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let path = at.path_and_query().map_or("/", |path| path.as_str());
    let authority = at.authority().map_or("", |authority| authority.as_str());
    let request = Request::get(path)
        .header(HOST, authority)
        .header(USER_AGENT, concat!("fauxka/", env!("CARGO_PKG_VERSION")))
        .header(ACCEPT, "application/json, */*")
        .header(CACHE_CONTROL, "no-cache")
        .body(Empty::<Bytes>::new());
    let request = request.map_err(|why| Failed::Ever(why.to_string()))?;
    let answer = sender.send_request(request).await.map_err(failed)?;
    let status = answer.status();
    if let (true, Some(place)) = (is_elsewhere(status), answer.headers().get(LOCATION)) {
        let place = place.to_str();
        let place = place.map_err(|why| Failed::Ever(why.to_string()))?;
        return Ok(Answered::At(place.to_owned()));
    }
    if status != StatusCode::OK {
        return Err(Failed::Now(format!("it answered {status} instead of 200")));
    }
    text(answer).await.map(Answered::Text)
}

fn is_elsewhere(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

async fn text(answer: Response<Incoming>) -> Result<String, Failed> {
    let body = Limited::new(answer.into_body(), BODY_BYTES_MAX)
        .collect()
        .await;
    let body = body.map_err(|why| {
        if why.is::<LengthLimitError>() {
            return Failed::Ever(format!("it answered more than {BODY_BYTES_MAX} bytes"));
        }
        Failed::Now(why.to_string())
    })?;
    Ok(String::from_utf8_lossy(&body.to_bytes()).into_owned())
}

/// An error of HTTP with what is behind it.
fn said(error: &hyper::Error) -> String {
    let mut said = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(why) = cause {
        said.push_str(&format!(": {why}"));
        cause = why.source();
    }
    said
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    fn nobody() -> StoreSettings {
        StoreSettings {
            kind: "PEM".to_owned(),
            location: None,
            password: None,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_never_answers_is_waited_for_so_long() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let began = time::Instant::now();
        let failed = get(&url, &nobody()).await;
        assert_eq!(failed, Err("it did not answer within 20 s".to_owned()));
        assert_eq!(began.elapsed(), PATIENCE);
    }

    #[tokio::test]
    async fn what_is_elsewhere_is_followed_there_and_only_by_the_same_scheme() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/a", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let to = |place| format!("HTTP/1.1 302 Found\r\nLocation: {place}\r\n\r\n");
            let answers = [
                to("/b"),
                "HTTP/1.1 200 OK\r\n\r\nhere".to_owned(),
                to("https://localhost/"),
            ];
            for answer in answers {
                let (mut stream, _) = listener.accept().await.unwrap();
                let _ = stream.read(&mut [0; 1000]).await;
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        });
        assert_eq!(get(&url, &nobody()).await, Ok("here".to_owned()));
        let failed = get(&url, &nobody()).await;
        assert_eq!(failed, Err("\"https://localhost/\" is no URL".to_owned()));
    }

    #[cfg(feature = "tls")]
    fn pem(der: &[u8]) -> String {
        use base64::Engine as _;
        let text = base64::prelude::BASE64_STANDARD.encode(der);
        format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n")
    }

    #[cfg(feature = "tls")]
    #[tokio::test]
    async fn https_trusts_whom_the_store_names() {
        use rustls::pki_types::PrivateKeyDer;
        let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(made.signing_key.serialize_der()).unwrap();
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ServerConfig::builder_with_provider(provider);
        let config = config.with_safe_default_protocol_versions().unwrap();
        let config = config.with_no_client_auth();
        let config = config.with_single_cert(vec![made.cert.der().clone()], key);
        let acceptor = tokio_rustls::TlsAcceptor::from(std::sync::Arc::new(config.unwrap()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!(
            "https://localhost:{}/",
            listener.local_addr().unwrap().port()
        );
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    continue;
                };
                let _ = stream.read(&mut [0; 1000]).await;
                let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nkeys";
                stream.write_all(answer).await.unwrap();
            }
        });
        let name = format!("fauxka-https-{}.pem", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, pem(made.cert.der())).unwrap();
        let trusted = StoreSettings {
            location: Some(path.display().to_string()),
            ..nobody()
        };
        assert_eq!(get(&url, &trusted).await, Ok("keys".to_owned()));
        std::fs::remove_file(&path).unwrap();
        let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        std::fs::write(&path, pem(other.cert.der())).unwrap();
        let failed = get(&url, &trusted).await.unwrap_err();
        assert!(
            failed.starts_with("TLS: invalid peer certificate"),
            "{failed}"
        );
        std::fs::remove_file(&path).unwrap();
    }
}
