//! The handshake of one connection.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf as _, Bytes, BytesMut};
use rustls::{AlertDescription, CertificateError, Error};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::config::Ready;
use super::names::About;
use super::verifier::Refused;
use crate::server::transport::Stream;

/// How long a handshake may take, in the runtime's time.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(30);

/// What a record of a handshake begins with.
const HANDSHAKE_RECORD: u8 = 0x16;

/// A fatal alert, as a record of TLS: `certificate_expired`.
const CERTIFICATE_EXPIRED: [u8; 7] = [0x15, 3, 3, 0, 2, 2, 45];

/// How much is read to see what it is.
const PEEKED_BYTES: usize = 512;

/// A stream of which something was read already.
#[derive(Debug)]
pub(in crate::server) struct Peeked<S> {
    first: Bytes,
    stream: S,
}

/// What came of a handshake: the stream, and the distinguished name in the client's certificate.
type Secured<S> = (TlsStream<Peeked<S>>, Option<Arc<str>>);

/// Shakes hands with a client, unless the broker's certificate has expired.
///
/// # Errors
/// Why there is no connection, in words.
pub(super) async fn accept<S: Stream>(
    ready: Arc<Ready>,
    has_expired: bool,
    stream: S,
) -> Result<Secured<S>, String> {
    let shaken = tokio::time::timeout(HANDSHAKE_WITHIN, shake(&ready, has_expired, stream)).await;
    shaken.unwrap_or_else(|_| Err(format!("no TLS handshake within {HANDSHAKE_WITHIN:?}")))
}

async fn shake<S: Stream>(
    ready: &Ready,
    has_expired: bool,
    stream: S,
) -> Result<Secured<S>, String> {
    let mut peeked = peek(stream)
        .await
        .map_err(|why| format!("TLS handshake: {why}"))?;
    match peeked.first.first() {
        None => return Err("the client closed it before the TLS handshake".to_owned()),
        Some(&HANDSHAKE_RECORD) => {}
        Some(_) => return Err(plain(&peeked.first).to_owned()),
    }
    if has_expired {
        // The client is told by an alert: by its own clock the certificate may well be valid.
        let _ = peeked.stream.write_all(&CERTIFICATE_EXPIRED).await;
        let _ = peeked.stream.flush().await;
        let subject = &ready.about.subject;
        return Err(format!(
            "TLS handshake: the broker's certificate, {subject}, has expired by the cluster's clock"
        ));
    }
    let acceptor = TlsAcceptor::from(Arc::clone(&ready.config));
    let stream = acceptor
        .accept(peeked)
        .await
        .map_err(|error| failed(&error))?;
    let shown = stream.get_ref().1.peer_certificates();
    let shown = shown.and_then(<[_]>::first).map(|der| About::read(der));
    let certificate = shown.transpose()?.map(|about| about.subject.into());
    Ok((stream, certificate))
}

async fn peek<S: Stream>(mut stream: S) -> io::Result<Peeked<S>> {
    let mut first = BytesMut::with_capacity(PEEKED_BYTES);
    stream.read_buf(&mut first).await?;
    Ok(Peeked {
        first: first.freeze(),
        stream,
    })
}

/// What a client means that sends something else.
fn plain(first: &[u8]) -> &'static str {
    match first {
        [b'G', b'E', b'T', b' ', ..] | [b'P', b'O', b'S', b'T', ..] => {
            "an HTTP request came to a listener with TLS, and this port speaks Kafka's protocol"
        }
        [0, ..] => {
            "a request in plain text came to a listener with TLS: its client has to set security.protocol=SSL or SASL_SSL"
        }
        _ => "what came to a listener with TLS is no TLS handshake",
    }
}

/// Why a handshake failed, in words for whoever looks for the reason.
fn failed(error: &io::Error) -> String {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref());
    let refused = match inner {
        Some(Error::InvalidCertificate(CertificateError::Other(other))) => {
            other.0.downcast_ref().map(|Refused(why)| why)
        }
        _ => None,
    };
    let why = match refused.or(inner) {
        Some(Error::NoCertificatesPresented) => {
            "the client showed no certificate, and ssl.client.auth=required".to_owned()
        }
        Some(Error::InvalidCertificate(
            CertificateError::Expired | CertificateError::ExpiredContext { .. },
        )) => "the client's certificate has expired by the cluster's clock".to_owned(),
        Some(Error::InvalidCertificate(
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. },
        )) => "the client's certificate is not valid yet by the cluster's clock".to_owned(),
        Some(Error::InvalidCertificate(CertificateError::UnknownIssuer)) => {
            "nobody in the trust store has signed the client's certificate".to_owned()
        }
        Some(Error::AlertReceived(
            alert @ (AlertDescription::UnknownCA
            | AlertDescription::BadCertificate
            | AlertDescription::CertificateUnknown
            | AlertDescription::CertificateExpired),
        )) => format!(
            "the client does not take the broker's certificate ({alert:?}): has it the right trust store, and does the \
             certificate have the name that it dialled?"
        ),
        Some(Error::PeerIncompatible(why)) => {
            format!("the client and the broker have no version or cipher in common ({why:?})")
        }
        Some(other) => other.to_string(),
        None => error.to_string(),
    };
    format!("TLS handshake: {why}")
}

impl<S: Stream> Stream for TlsStream<Peeked<S>> {
    fn prepare(&self) -> io::Result<String> {
        self.get_ref().0.stream.prepare()
    }

    fn reset_when_dropped(&self) -> io::Result<()> {
        self.get_ref().0.stream.reset_when_dropped()
    }

    async fn close(&mut self) -> io::Result<()> {
        self.shutdown().await
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Peeked<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.first.is_empty() {
            return Pin::new(&mut self.stream).poll_read(cx, buf);
        }
        let taken = self.first.len().min(buf.remaining());
        buf.put_slice(self.first.get(..taken).unwrap_or_default());
        self.first.advance(taken);
        Poll::Ready(Ok(()))
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Peeked<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
