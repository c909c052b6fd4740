//! A clock that the test moves: who lives keeps its session meanwhile.

use fauxka::clock::AdvanceError;

use super::*;
use crate::client::Client;

const MINUTE: Duration = Duration::from_secs(60);

/// A cluster whose clock stands, and a member of its group, by its generation.
async fn with_member() -> (Cluster, Client, kafka_protocol::messages::JoinGroupResponse) {
    let described = described().clock(Clock::manual());
    let described = described.config("group.initial.rebalance.delay.ms", "0");
    let cluster = recorded::start(described).unwrap();
    let mut client = Client::connect(&cluster, "worker-1").await;
    client.find_coordinator(GROUP, 0).await;
    let joined = client.join().await;
    client.sync(&joined).await;
    (cluster, client, joined)
}

fn sessions(expired: &[fauxka::clock::Expired]) -> usize {
    let is_session = |due: &&fauxka::clock::Expired| due.what.starts_with("session of member");
    expired.iter().filter(is_session).count()
}

#[tokio::test(start_paused = true)]
async fn a_member_that_lives_outlasts_its_session() {
    let (cluster, mut member, joined) = with_member().await;
    let mut idle = Client::connect(&cluster, "idle").await;
    idle.hello().await.unwrap();
    // Longer than connections.max.idle.ms, too: clients that live send something.
    let expired = cluster.clock().advance(20 * MINUTE).await.unwrap();
    assert_eq!(sessions(&expired), 0, "{expired:?}");
    assert_eq!(member.heartbeat(&joined).await, 0);
    idle.hello().await.unwrap();
    let silent = cluster.clock().silent("idle");
    silent.advance(10 * MINUTE).await.unwrap();
    let closed = cluster.journal().kind("connection_closed");
    closed.wait_for(1, SECOND).await.unwrap();
    assert!(idle.hello().await.is_err());
    assert_eq!(member.heartbeat(&joined).await, 0);
    let next = cluster.clock().advance_to_next().await.unwrap();
    assert_eq!(sessions(&next), 0, "{next:?}");
}

#[tokio::test(start_paused = true)]
async fn who_is_said_to_be_silent_is_missed() {
    let (cluster, mut member, joined) = with_member().await;
    let clock = cluster.clock().silent("worker-*");
    let expired = clock.advance(45 * SECOND - MILLI).await.unwrap();
    assert_eq!(sessions(&expired), 0, "{expired:?}");
    let expired = clock.advance_to_next().await.unwrap();
    assert_eq!(sessions(&expired), 1, "{expired:?}");
    assert_eq!(cluster.clock().elapsed(), 45 * SECOND);
    assert_eq!(member.heartbeat(&joined).await, UNKNOWN_MEMBER_ID);
    let nobody = clock.silent("worker-2").advance(SECOND).await;
    assert!(matches!(nobody, Err(AdvanceError::NoSuchClient(_))));
    assert_eq!(cluster.clock().elapsed(), 45 * SECOND);
}

#[tokio::test(start_paused = true)]
async fn a_member_whose_client_is_gone_is_missed() {
    let (cluster, member, _) = with_member().await;
    drop(member);
    let closed = cluster.journal().kind("connection_closed");
    closed.wait_for(1, SECOND).await.unwrap();
    let expired = cluster.clock().advance(45 * SECOND).await.unwrap();
    assert_eq!(sessions(&expired), 1, "{expired:?}");
}

#[tokio::test(start_paused = true)]
async fn a_member_whose_coordinator_stands_still_is_missed() {
    let (cluster, mut member, joined) = with_member().await;
    cluster.node(1).pause().unwrap();
    let expired = cluster.clock().advance(45 * SECOND).await.unwrap();
    assert_eq!(sessions(&expired), 1, "{expired:?}");
    cluster.node(1).resume().unwrap();
    assert_eq!(member.heartbeat(&joined).await, UNKNOWN_MEMBER_ID);
}
