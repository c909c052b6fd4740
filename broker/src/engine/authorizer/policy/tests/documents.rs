//! What is a policy, and what is wrong with what is not.

use crate::engine::authorizer::policy::Policy;

#[track_caller]
fn refused(document: &str, why: &str) {
    let parsed = Policy::parse(document);
    assert_eq!(parsed.unwrap_err().to_string(), why, "{document}");
}

/// A statement with these members.
fn with(members: &str) -> String {
    format!("{{\"Version\":\"2012-10-17\",\n\"Statement\":[\n{{{members}}}]}}")
}

#[test]
fn what_iam_takes_is_taken() {
    for members in [
        r#""Effect":"Allow","Action":"*","Resource":"*""#,
        r#""Sid":"a","Effect":"Deny","Action":["kafka-cluster:Connect"],"Resource":["*"]"#,
        r#""Effect":"Allow","NotAction":"KAFKA-CLUSTER:*topic","NotResource":"arn:aws:kafka:*:*:topic/*""#,
        r#""Effect":"Allow","Action":["s3:GetObject","kafka:ListClusters"],"Resource":"arn:aws:s3:::bucket/key""#,
    ] {
        assert!(Policy::parse(&with(members)).is_ok(), "{members}");
    }
    let one = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"},"Id":"x","Version":"2008-10-17"}"#;
    assert!(Policy::parse(one).is_ok());
    assert!(Policy::parse("{\"Statement\":[]}").is_ok());
}

#[test]
fn what_is_no_policy_is_refused_with_its_line() {
    refused("", "line 1: it is not JSON: EOF while parsing a value");
    refused(
        "{\n\n\"Version\" 1}",
        "line 3: it is not JSON: expected `:`",
    );
    refused(
        "[]",
        "line 1: a policy is a JSON object with a Version and a Statement",
    );
    refused("{}", "line 1: there is nothing in it");
    refused(
        "{\"Version\":\n\"2012\"}",
        "line 2: the Version \"2012\" is neither \"2012-10-17\" nor \"2008-10-17\"",
    );
    refused(
        "{\"Version\":\n2012}",
        "line 2: Version is a text, in quotes",
    );
    refused(
        "{\"Version\":\"2012-10-17\"}",
        "line 1: a policy needs a Statement",
    );
    refused(
        "{\n\"statement\":[]}",
        "line 2: there is no statement; there are Version, Id, Statement",
    );
    refused(
        "{\"Statement\":\n[],\"Statement\":\n[]}",
        "line 3: there is a second Statement",
    );
    refused(
        "{\"Statement\":1}",
        "line 1: Statement is a JSON object, or a list of them",
    );
    refused(
        "{\"Statement\":[\n1]}",
        "line 2: a statement is a JSON object",
    );
}

#[test]
fn what_is_wrong_with_a_statement_is_said_with_its_line() {
    let allow = r#""Effect":"Allow""#;
    let check = |members: &str, why: &str| refused(&with(members), &format!("line 3: {why}"));
    check("", "there is nothing in it");
    check(allow, "statement 1 needs an Action");
    check(
        r#""Sid":"x","Action":"*""#,
        "statement x needs an Effect, Allow or Deny",
    );
    check(
        r#""Effect":"Allow","Action":"*""#,
        "statement 1 needs a Resource",
    );
    check(
        r#""Effect":"allow""#,
        "the Effect \"allow\" is neither \"Allow\" nor \"Deny\"",
    );
    check(r#""Action":[]"#, "Action names nothing");
    check(r#""Action":["*",1]"#, "Action is a text, in quotes");
    check(
        r#""Action":"Connect""#,
        "the action \"Connect\" has no service in front, as in kafka-cluster:Connect",
    );
    check(
        r#""Action":"kafka-cluster:ReadTopic""#,
        "there is no action kafka-cluster:ReadTopic; kafka-cluster:CreateTopic is one",
    );
    check(
        r#""Action":"*","NotAction":"*""#,
        "a statement has an Action or a NotAction, not both",
    );
    check(
        r#""Resource":"topic/x""#,
        "the resource \"topic/x\" is neither \"*\" nor an ARN such as arn:aws:kafka:REGION:ACCOUNT:topic/CLUSTER/UUID/NAME",
    );
    check(
        r#""Resource":"arn:aws:kafka:us-east-1:1:topics/x""#,
        "the resource \"arn:aws:kafka:us-east-1:1:topics/x\" is of no kind that MSK has; cluster, topic, group and \
         transactional-id are",
    );
    check(
        r#""Resource":"arn:aws:kafka:::topic/${aws:username}""#,
        "\"arn:aws:kafka:::topic/${aws:username}\" has a policy variable, and there are none here",
    );
    check(
        r#""Principal":"*""#,
        "a policy that is attached to a principal has no Principal",
    );
    check(
        r#""Condition":{}"#,
        "conditions are not looked at here, so a statement that has one would say too much or too little",
    );
    check(
        r#""Actions":"*""#,
        "there is no Actions; there are Sid, Effect, Action, NotAction, Resource, NotResource",
    );
    let twice = with(
        r#""Sid":"a","Effect":"Allow","Action":"*","Resource":"*"},{"Sid":"a","Effect":"Deny","Action":"*","Resource":"*""#,
    );
    refused(&twice, "line 3: two statements have the Sid \"a\"");
}

/// Nothing that anybody writes panics or takes long.
#[test]
fn hostile_documents_are_refused() {
    for document in [
        "[".repeat(100_000),
        "{\"a\":".repeat(100_000),
        "\"\u{0}\"".to_owned(),
    ] {
        assert!(Policy::parse(&document).is_err());
    }
    let deep = format!("{{\"Statement\":{}1{}}}", "[".repeat(100), "]".repeat(100));
    refused(&deep, "line 1: a statement is a JSON object");
}
