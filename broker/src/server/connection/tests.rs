//! Requests that come together, and when their answers leave.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use bytes::BufMut as _;
use tokio::io::{
    AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, DuplexStream, ReadBuf, duplex,
};
use tokio::time::Instant;

use super::*;
use crate::engine::cluster::configs::StaticConfig;
use crate::engine::testing::Bench;
use crate::server::clock::Clock;
use crate::server::limits::Limits;
use crate::server::links::LinkRules;

/// The node's end of a connection, which counts how often it is written to.
#[derive(Debug)]
struct Counted {
    bytes: DuplexStream,
    writes: Arc<AtomicUsize>,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.bytes).poll_read(cx, buf)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.writes.fetch_add(1, Ordering::Relaxed);
        Pin::new(&mut self.bytes).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.bytes).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.bytes).poll_shutdown(cx)
    }
}

impl Stream for Counted {
    fn prepare(&self) -> io::Result<String> {
        Ok("localhost".to_owned())
    }

    fn reset_when_dropped(&self) -> io::Result<()> {
        Ok(())
    }
}

/// A client of a cluster with a topic, and how often the cluster has written to it.
fn client() -> (DuplexStream, Arc<AtomicUsize>) {
    let mut bench = Bench::new(&[]);
    bench.topic("orders", 1);
    let (fixed, _) = StaticConfig::read(&[], &[], 1).unwrap();
    let (limits, links) = (Limits::of(&fixed), LinkRules::new(7));
    let shared = Arc::new(Shared::new(
        bench.engine,
        Clock::manual(None),
        limits,
        links,
    ));
    let (client, node) = duplex(1024 * 1024);
    let writes = Arc::<AtomicUsize>::default();
    let stream = Counted {
        bytes: node,
        writes: Arc::clone(&writes),
    };
    let peer = Peer {
        node: NodeId(0),
        listener: ListenerId::default(),
        address: ([127, 0, 0, 1], 40_000).into(),
    };
    tokio::spawn(serve(shared, peer, stream));
    (client, writes)
}

fn versions(correlation_id: i32) -> Vec<u8> {
    let api = (Api::ApiVersions.key(), 0, correlation_id);
    frame::request(api, "together", &[])
}

/// A fetch at the end of the log, which waits for ten minutes.
fn long_poll(correlation_id: i32) -> Vec<u8> {
    let mut body = Vec::new();
    body.put_i32(-1);
    body.put_i32(600_000);
    body.put_i32(1);
    body.put_i32(1024);
    body.put_i8(0);
    body.put_i32(1);
    body.put_i16(6);
    body.put_slice(b"orders");
    body.put_i32(1);
    body.put_i32(0);
    body.put_i64(0);
    body.put_i32(1024);
    frame::request((Api::Fetch.key(), 4, correlation_id), "together", &body)
}

/// The correlation id of the next answer.
async fn answered(client: &mut DuplexStream) -> i32 {
    let size = client.read_u32().await.unwrap();
    let mut answer = vec![0; usize::try_from(size).unwrap()];
    client.read_exact(&mut answer).await.unwrap();
    i32::from_be_bytes(*answer.first_chunk().unwrap())
}

#[tokio::test]
async fn requests_that_come_together_are_answered_in_one_write() {
    let (mut client, writes) = client();
    let together = [versions(1), versions(2), versions(3)].concat();
    client.write_all(&together).await.unwrap();
    for id in 1..=3 {
        assert_eq!(answered(&mut client).await, id);
    }
    assert_eq!(writes.load(Ordering::Relaxed), 1);
    client.write_all(&versions(4)).await.unwrap();
    assert_eq!(answered(&mut client).await, 4);
    assert_eq!(writes.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn so_many_answers_are_not_held_back_without_end() {
    let (mut client, writes) = client();
    let together: Vec<_> = (0..1000).flat_map(versions).collect();
    client.write_all(&together).await.unwrap();
    let mut bytes = 0;
    for id in 0..1000 {
        let size = client.read_u32().await.unwrap();
        let mut answer = vec![0; usize::try_from(size).unwrap()];
        client.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer.first_chunk(), Some(&i32::to_be_bytes(id)));
        bytes += answer.len() + 4;
    }
    let writes = writes.load(Ordering::Relaxed);
    assert!(
        (bytes / (2 * HELD_BACK_BYTES_MAX)..500).contains(&writes),
        "{bytes} bytes in {writes} writes"
    );
}

#[tokio::test(start_paused = true)]
async fn an_answer_does_not_wait_for_a_request_that_does() {
    let (mut client, _) = client();
    let begun = Instant::now();
    let together = [versions(1), long_poll(2)].concat();
    client.write_all(&together).await.unwrap();
    assert_eq!(answered(&mut client).await, 1);
    assert_eq!(begun.elapsed().as_secs(), 0);
    assert_eq!(answered(&mut client).await, 2);
    assert_eq!(begun.elapsed().as_secs(), 600);
}

#[tokio::test]
async fn what_was_answered_is_sent_before_a_bad_request_ends_the_connection() {
    let (mut client, _) = client();
    let together = [versions(1), vec![255; 4]].concat();
    client.write_all(&together).await.unwrap();
    assert_eq!(answered(&mut client).await, 1);
    assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test]
async fn what_was_answered_is_sent_to_a_client_that_sends_no_more() {
    let (mut client, _) = client();
    let together = [versions(1), versions(2)].concat();
    client.write_all(&together).await.unwrap();
    client.shutdown().await.unwrap();
    assert_eq!(answered(&mut client).await, 1);
    assert_eq!(answered(&mut client).await, 2);
    assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
}
