//! Whether a principal may use any resource of a type: `authorizeByResourceType`.

use super::{no_topic, question, topic, with};
use crate::engine::authorizer::{Acl, Operation};

#[track_caller]
fn check(acls: &[Acl], is_allowed: bool) {
    let question = question("User:alice", Operation::Write, "*");
    let decision = with(acls).decide_for_any(&question);
    assert_eq!(decision.is_allowed, is_allowed, "{acls:?}");
}

#[test]
fn one_name_that_is_not_denied_is_enough() {
    use Operation::{All, Read, Write};
    check(&[], false);
    check(&[topic(Write, "t")], true);
    check(&[topic(All, "t")], true);
    check(&[topic(Read, "t")], false);
    check(&[topic(Write, "*")], true);
    check(&[topic(Write, "t").prefixed()], true);
    check(&[topic(Write, "t"), no_topic(Write, "t")], false);
    check(&[topic(Write, "t"), no_topic(Write, "*")], false);
    check(
        &[topic(Write, "t1"), no_topic(Write, "t").prefixed()],
        false,
    );
    check(
        &[
            topic(Write, "t").prefixed(),
            no_topic(Write, "t1").prefixed(),
        ],
        true,
    );
    // A literal denial takes nothing from a prefix.
    check(&[topic(Write, "t").prefixed(), no_topic(Write, "t")], true);
    check(
        &[
            topic(Write, "t1"),
            topic(Write, "u"),
            no_topic(Write, "t").prefixed(),
        ],
        true,
    );
    check(&[topic(Write, "*"), no_topic(Write, "t").prefixed()], true);
    check(&[topic(Write, "t").from_host("10.9.9.9")], false);
}
