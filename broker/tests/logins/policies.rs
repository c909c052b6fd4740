//! Policies, ACLs and super users beside each other: who decides, and what is said of it.

use fauxka::acl::{Acl, Operation, ResourceType};
use fauxka::{Broker, Builder};

use super::{ALICE, Client, key, signed, start, with_key};

const POLICY: &str = r#"{"Statement": [
    {"Sid": "look", "Effect": "Allow", "Action": ["kafka-cluster:Connect", "kafka-cluster:DescribeTopic"], "Resource": "*"},
    {"Sid": "hidden", "Effect": "Deny", "Action": "kafka-cluster:*", "Resource": "arn:aws:kafka:*:*:topic/*/*/secret"}
]}"#;
const STANDARD: &str = "org.apache.kafka.metadata.authorizer.StandardAuthorizer";
const TOPIC_AUTHORIZATION_FAILED: i16 = 29;

fn with_topics() -> Builder {
    with_key(key()).topic("orders", 1, 1).topic("secret", 1, 1)
}

/// What is said of alice.
fn why(broker: &Broker, operation: Operation, topic: &str) -> (bool, String) {
    let who = format!("User:{ALICE}");
    let said = broker.why(&who, operation, ResourceType::Topic, topic);
    (said.is_allowed, said.why)
}

/// Logs in as alice, and asks for a topic's metadata: its error code.
fn metadata(broker: &Broker, topic: &str) -> i16 {
    let mut all = signed().into_iter();
    let (_, mechanism, token, _) = all.find(|(.., has_session)| !has_session).unwrap();
    let mut client = Client::dial(broker);
    client.shake_hands(&mechanism);
    assert_eq!(client.authenticate(&token).error, 0);
    let length = u16::try_from(topic.len()).unwrap().to_be_bytes();
    let answer = client.call(
        (3, 0),
        &[&[0, 0, 0, 1], &length[..], topic.as_bytes()].concat(),
    );
    // The error comes before the name and its length.
    let mut places = answer.windows(topic.len());
    let name = places.position(|found| found == topic.as_bytes()).unwrap();
    i16::from_be_bytes([answer[name - 4], answer[name - 3]])
}

#[test]
fn a_statement_decides_and_is_named() {
    let broker = start(with_topics().policy("orders", POLICY, [ALICE]));
    assert_eq!(metadata(&broker, "orders"), 0);
    assert_eq!(metadata(&broker, "secret"), TOPIC_AUTHORIZATION_FAILED);
    let cluster = broker.cluster_arn();
    let secret = cluster.replace(":cluster/", ":topic/") + "/secret";
    let denies = format!(
        "statement hidden of policy orders (line 3) denies kafka-cluster:DescribeTopic on {secret}"
    );
    let rows = broker.journal().rows();
    let denied: Vec<_> = rows
        .iter()
        .filter_map(|row| row.exchange())
        .flat_map(|exchange| &exchange.denied)
        .map(|denied| {
            (
                denied.operation,
                denied.resource.as_str(),
                denied.why.as_str(),
            )
        })
        .collect();
    assert_eq!(denied, [(Operation::Describe, "secret", denies.as_str())]);
    assert_eq!(why(&broker, Operation::Describe, "secret"), (false, denies));
    let (is_allowed, said) = why(&broker, Operation::Describe, "orders");
    assert!(
        is_allowed && said.starts_with("statement look of policy orders"),
        "{said}"
    );
    let (is_allowed, said) = why(&broker, Operation::Write, "orders");
    assert!(
        !is_allowed && said.starts_with("no statement allows kafka-cluster:WriteData"),
        "{said}"
    );
    let of_bob = broker.why("User:bob", Operation::Write, ResourceType::Topic, "orders");
    assert!(of_bob.is_allowed, "{}", of_bob.why);
}

#[test]
fn acls_decide_where_there_is_no_policy_and_super_users_may_do_everything() {
    let standard = || with_topics().config("authorizer.class.name", STANDARD);
    let broker = start(standard());
    assert_eq!(metadata(&broker, "orders"), TOPIC_AUTHORIZATION_FAILED);
    let who = format!("User:{ALICE}");
    let acl = Acl::allow(&who, Operation::Read, ResourceType::Topic, "orders");
    broker.add_acl(&acl).unwrap();
    assert_eq!(metadata(&broker, "orders"), 0);
    assert!(why(&broker, Operation::Read, "orders").0);
    broker.put_policy("orders", POLICY).unwrap();
    broker.attach_policy("orders", ALICE).unwrap();
    assert!(
        !why(&broker, Operation::Read, "orders").0,
        "a policy decides now, and no ACL"
    );
    let of_bob = broker.why("User:bob", Operation::Write, ResourceType::Topic, "orders");
    assert_eq!((of_bob.is_allowed, of_bob.acl), (false, None));

    let with_super = standard()
        .config("super.users", format!("User:{ALICE}"))
        .policy("orders", POLICY, [ALICE]);
    let broker = start(with_super);
    assert_eq!(metadata(&broker, "secret"), 0);
    let expected = (true, "super.users names the principal".to_owned());
    assert_eq!(why(&broker, Operation::Write, "secret"), expected);
}
