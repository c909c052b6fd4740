//! What a client sends: a stream of frames, to a cluster that answers them.

use bytes::{Bytes, BytesMut};

use super::choices::Choices;
use super::cluster::{plain, settings};
use super::world::World;
use crate::engine::sasl::Reads;
use crate::engine::{Advertise, Listener, Protocol};
use crate::server::frames;
use crate::wire::dynamic::Shape;
use crate::wire::frame::{self, Decoded};
use crate::wire::releases::Release;
use crate::wire::units::NodeId;

/// The longest frame.
const FRAME_BYTES_MAX: i32 = 1 << 20;

/// The first byte says what kind of cluster it is, all others are what the client sends. Where the last frame announces
/// more than there is, what there is is it.
pub(super) fn frames(bytes: &[u8]) {
    let mut choices = Choices::new(bytes);
    let kind = choices.byte();
    let release = match kind & 3 {
        1 => Release::of("3.7").ok(),
        2 => Release::of("2.8").ok(),
        _ => None,
    };
    let mut world = match kind & 12 {
        4 => World::of(settings(1, &[], vec![login()])),
        8 => World::of(settings(1, &[], vec![plain()])),
        _ => World::new(1),
    };
    world.engine.state.release.clone_from(&release);
    let connection = world.open(NodeId(0));
    let mut stream = BytesMut::from(choices.rest());
    while world.is_idle(connection) {
        let frame = match frames::take(&mut stream, FRAME_BYTES_MAX) {
            Ok(Some(frame)) => frame,
            Ok(None) if stream.is_empty() => break,
            Ok(None) => all_but_length(&mut stream),
            Err(_) if world.reads(connection) == Reads::Requests => break,
            Err(_) => return world.refuse(connection),
        };
        if world.reads(connection) == Reads::Token {
            world.token(connection, &frame);
            continue;
        }
        let size = frame.len();
        let Ok(decoded) = frame::decode(frame, release.as_ref()) else {
            break;
        };
        check(&decoded);
        world.hand_in(connection, decoded, size);
    }
    world.look();
}

/// What there is of a frame whose length is wrong.
fn all_but_length(stream: &mut BytesMut) -> Bytes {
    let length = stream.len().min(4);
    std::mem::take(stream).split_off(length).freeze()
}

/// A way in by passwords.
fn login() -> Listener {
    let all = crate::engine::sasl::Mechanism::WITH_PASSWORDS.to_vec();
    Listener::new("SASL", Protocol::SaslPlaintext, all, Advertise::Bound)
}

/// What was decoded says the same when it is encoded and decoded again, as a typed message and as a tree.
fn check(decoded: &Decoded) {
    let (key, version) = (decoded.header.api_key, decoded.version);
    let again = |body: Bytes| {
        let read = crate::wire::apis::Request::decode(key, version, body);
        read.expect("it is served")
            .expect("what was encoded is read")
    };
    if decoded.too_new.is_some() {
        return;
    }
    let shape = Shape::request(key, version).expect("it is known");
    let tree = shape
        .decode(&decoded.body)
        .expect("what the decoder takes is a tree");
    // kafka-protocol counts these, and leaves them out.
    if tree.has_tag(|tag| i32::try_from(tag).is_err()) {
        return;
    }
    let written = decoded.request.body(version);
    if let Some(written) = &written {
        assert_eq!(again(written.clone()).body(version).as_ref(), Some(written));
    }
    let of_tree = shape.encode(&tree).expect("what was read can be written");
    assert_eq!(again(of_tree).body(version), written);
    if let Ok(shape) = Shape::response(key, version)
        && let Ok(tree) = shape.decode(&decoded.body)
    {
        let written = shape.encode(&tree).expect("what was read can be written");
        assert_eq!(shape.decode(&written).as_ref(), Ok(&tree));
    }
}
