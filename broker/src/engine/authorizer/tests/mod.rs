//! What `StandardAuthorizer` decides, and by which ACL.

mod any_name;
mod random;

use super::{Acl, Authorizer, Decision, Operation, Question, ResourceType, Rule, STANDARD};

/// An authorizer with a super user and these ACLs.
pub(super) fn with(acls: &[Acl]) -> Authorizer {
    with_default(acls, "false")
}

fn with_default(acls: &[Acl], by_default: &str) -> Authorizer {
    let setting = |name: &str| match name {
        "authorizer.class.name" => Some(STANDARD),
        "super.users" => Some("User:admin; User:CN=broker,O=x;"),
        "allow.everyone.if.no.acl.found" => Some(by_default),
        _ => None,
    };
    let mut authorizer = Authorizer::of(setting).unwrap();
    for acl in acls {
        authorizer.acls_mut().unwrap().add(acl.clone());
    }
    authorizer
}

pub(super) fn question<'a>(
    principal: &'a str,
    operation: Operation,
    resource: &'a str,
) -> Question<'a> {
    Question {
        principal,
        host: "10.1.2.3",
        operation,
        resource_type: ResourceType::Topic,
        resource,
    }
}

fn topic(operation: Operation, name: &str) -> Acl {
    Acl::allow("User:alice", operation, ResourceType::Topic, name)
}

fn no_topic(operation: Operation, name: &str) -> Acl {
    Acl::deny("User:alice", operation, ResourceType::Topic, name)
}

#[track_caller]
fn check(acls: &[Acl], asked: (Operation, &str), expected: Result<(), &str>) {
    let (operation, name) = asked;
    let decision = with(acls).decide(&question("User:alice", operation, name));
    let found = if decision.is_allowed {
        Ok(())
    } else {
        Err(decision.why())
    };
    assert_eq!(found, expected.map_err(str::to_owned), "{acls:?} {asked:?}");
}

const NO_ACL: &str = "no ACL is about the resource, and allow.everyone.if.no.acl.found is false";
const ONE: &str = "one ACL is about the resource, and does not allow it";

#[test]
fn names_are_literal_prefixes_or_all() {
    use Operation::{Read, Write};
    check(&[], (Read, "orders"), Err(NO_ACL));
    check(&[topic(Read, "orders")], (Read, "orders"), Ok(()));
    check(&[topic(Read, "orders")], (Read, "orders-2"), Err(NO_ACL));
    check(&[topic(Read, "orders")], (Write, "orders"), Err(ONE));
    check(&[topic(Read, "ord").prefixed()], (Read, "orders"), Ok(()));
    check(&[topic(Read, "ord").prefixed()], (Read, "ord"), Ok(()));
    check(&[topic(Read, "ord").prefixed()], (Read, "or"), Err(NO_ACL));
    check(&[topic(Read, "*")], (Read, "orders"), Ok(()));
    check(
        &[topic(Read, "*").prefixed()],
        (Read, "orders"),
        Err(NO_ACL),
    );
    check(&[topic(Read, "ö").prefixed()], (Read, "öl"), Ok(()));
    check(&[topic(Read, "ö").prefixed()], (Read, "ü"), Err(NO_ACL));
    let group = Acl::allow("User:alice", Read, ResourceType::Group, "orders");
    check(&[group], (Read, "orders"), Err(NO_ACL));
}

#[test]
fn what_denies_decides_before_what_allows() {
    use Operation::{All, Describe, Read, Write};
    let denied = "ACL: Deny User:alice to Read Topic or* from host *";
    check(
        &[topic(All, "orders"), no_topic(Read, "or").prefixed()],
        (Read, "orders"),
        Err(denied),
    );
    check(
        &[topic(All, "orders"), no_topic(Read, "or").prefixed()],
        (Write, "orders"),
        Ok(()),
    );
    check(
        &[topic(Read, "orders"), no_topic(All, "*")],
        (Read, "orders"),
        Err("ACL: Deny User:alice to All Topic * from host *"),
    );
    // To deny reading denies no describing.
    check(
        &[topic(Describe, "orders"), no_topic(Read, "orders")],
        (Describe, "orders"),
        Ok(()),
    );
}

#[test]
fn some_operations_imply_others_where_they_are_allowed() {
    use Operation::{Alter, AlterConfigs, Create, Delete, Describe, DescribeConfigs, Read, Write};
    for operation in [Read, Write, Delete, Alter] {
        check(&[topic(operation, "t")], (Describe, "t"), Ok(()));
        check(&[topic(operation, "t")], (DescribeConfigs, "t"), Err(ONE));
    }
    check(&[topic(AlterConfigs, "t")], (DescribeConfigs, "t"), Ok(()));
    check(&[topic(AlterConfigs, "t")], (Describe, "t"), Err(ONE));
    check(&[topic(Create, "t")], (Describe, "t"), Err(ONE));
    check(&[topic(Describe, "t")], (Read, "t"), Err(ONE));
}

#[test]
fn principals_and_hosts_are_those_that_are_meant() {
    use Operation::Read;
    let everybody = Acl::allow("User:*", Read, ResourceType::Topic, "t");
    check(&[everybody], (Read, "t"), Ok(()));
    let other = Acl::allow("User:bob", Read, ResourceType::Topic, "t");
    check(&[other], (Read, "t"), Err(ONE));
    let other_type = Acl::allow("Group:alice", Read, ResourceType::Topic, "t");
    check(&[other_type], (Read, "t"), Err(ONE));
    check(
        &[topic(Read, "t").from_host("10.1.2.3")],
        (Read, "t"),
        Ok(()),
    );
    check(
        &[topic(Read, "t").from_host("10.0.0.0/8")],
        (Read, "t"),
        Ok(()),
    );
    check(
        &[topic(Read, "t").from_host("10.1.2.4")],
        (Read, "t"),
        Err(ONE),
    );
}

#[test]
fn ten_thousand_acls_decide_as_one() {
    let mut acls = Vec::new();
    for number in 0..5000 {
        acls.push(topic(Operation::Read, &format!("topic-{number}")));
        acls.push(no_topic(Operation::Write, &format!("topic-{number}")));
    }
    let authorizer = with(&acls);
    for number in (0..5100).step_by(17) {
        let name = format!("topic-{number}");
        let decide = |operation| {
            authorizer
                .decide(&question("User:alice", operation, &name))
                .is_allowed
        };
        assert_eq!(decide(Operation::Read), number < 5000, "{name}");
        assert!(!decide(Operation::Write), "{name}");
    }
}

#[test]
fn super_users_may_do_everything() {
    let authorizer = with(&[Acl::deny(
        "User:*",
        Operation::All,
        ResourceType::Topic,
        "*",
    )]);
    for name in ["User:admin", "User:CN=broker,O=x"] {
        let decision = authorizer.decide(&question(name, Operation::Write, "t"));
        assert_eq!(decision, Decision::allowed(Rule::SuperUser));
    }
}

#[test]
fn the_default_holds_where_there_is_no_acl() {
    let authorizer = with_default(&[topic(Operation::Read, "t")], " TRUE ");
    let decide = |name| authorizer.decide(&question("User:alice", Operation::Write, name));
    assert!(decide("u").is_allowed);
    assert!(!decide("t").is_allowed);
}

#[test]
fn a_super_user_is_a_principal() {
    let setting = |name: &str| match name {
        "authorizer.class.name" => Some(STANDARD),
        "super.users" => Some("User:root;admin"),
        _ => None,
    };
    assert_eq!(
        Authorizer::of(setting).unwrap_err(),
        "super.users: admin is no principal: write User:admin, and a semicolon between two"
    );
}
