//! Log-ins that fault rules reject, and messages that come in no order.

use std::io::{Read as _, Write as _};

use fauxka::{Api, Broker, ErrorCode};

use super::{Client, start};

#[test]
fn a_rule_rejects_so_many_log_ins_of_one_user() {
    let users = Broker::builder()
        .user("alice", "secret")
        .user("bob", "secret");
    let broker = start(users);
    let rule = broker
        .on(Api::SaslAuthenticate)
        .principal("User:alice")
        .mechanism("PLAIN");
    let failed = ErrorCode::SaslAuthenticationFailed;
    let rule = rule.count(2).before_apply().error(failed).mount();
    let answer = |name: &str| {
        let mut client = Client::dial(&broker);
        client.shake_hands("PLAIN");
        let answer = client.authenticate(format!("\0{name}\0secret").as_bytes());
        if answer.error != 0 {
            let left = client.0.read(&mut [0]).unwrap();
            assert_eq!(left, 0, "the connection is closed, as Kafka closes it");
        }
        answer.error
    };
    let came = ["alice", "bob", "alice", "alice"].map(answer);
    assert_eq!((came, rule.hits()), ([58, 0, 58, 0], 2));
    let rows = broker.journal().kind("logged_in").rows();
    assert_eq!(rows.len(), 2);
    assert_eq!(
        broker
            .journal()
            .kind("logged_in")
            .principal("User:bob")
            .count(),
        1
    );
}

#[test]
fn messages_that_come_all_at_once_are_taken_one_by_one() {
    let broker = start(Broker::builder().user("alice", "secret"));
    let frame = |key: u8, version: u8, body: &[u8]| {
        let length = u32::try_from(body.len() + 10).unwrap();
        let head = [0, key, 0, version, 0, 0, 0, key, 0xff, 0xff];
        [&length.to_be_bytes()[..], &head, body].concat()
    };
    let token = [&13_u32.to_be_bytes()[..], b"\0alice\0secret"].concat();
    let log_in = [frame(17, 1, b"\0\x05PLAIN"), frame(36, 1, &token)].concat();
    let metadata = frame(3, 1, &[0; 4]);
    let mut client = Client::dial(&broker);
    client
        .0
        .write_all(&[&log_in[..], &metadata].concat())
        .unwrap();
    let answers = [17, 36, 3].map(|_| {
        let mut length = [0; 4];
        client.0.read_exact(&mut length).unwrap();
        let mut answer = vec![0; usize::try_from(u32::from_be_bytes(length)).unwrap()];
        client.0.read_exact(&mut answer).unwrap();
        answer[3]
    });
    assert_eq!(answers, [17, 36, 3]);
    // In another order, or longer than any log-in, they end the connection.
    let long = 600_000_u32.to_be_bytes();
    for wrong in [&[&metadata[..], &log_in].concat()[..], &log_in[21..], &long] {
        let mut client = Client::dial(&broker);
        client.0.write_all(wrong).unwrap();
        let mut left = Vec::new();
        // Whether it is closed or reset depends on what was read of it.
        let _ = client.0.read_to_end(&mut left);
        let mut again = Client::dial(&broker);
        again.shake_hands("PLAIN");
    }
}
