//! The first message, by Kafka's grammar.

use crate::engine::sasl::oauth::initial::ClientInitial;
use crate::engine::sasl::outcome::Failed;

/// Whom a client wants to act as, its token, and its extensions.
type Said<'a> = (&'a str, &'a str, &'a [(&'a str, &'a str)]);

#[track_caller]
fn check(sent: &str, expected: Result<Said<'_>, Failed>) {
    let read = ClientInitial::parse(sent.as_bytes());
    let expected = expected.map(|(acts_as, token, extensions)| {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        ClientInitial {
            acts_as: acts_as.to_owned(),
            token: token.to_owned(),
            extensions: extensions.iter().map(owned).collect(),
        }
    });
    assert_eq!(read, expected, "{sent:?}");
}

#[test]
fn what_the_grammar_allows_is_read() {
    check("n,,\x01auth=Bearer a.b.c\x01\x01", Ok(("", "a.b.c", &[])));
    check(
        "n,a=me,\x01auth=bEARER   a-_~+/.==\x01\x01",
        Ok(("me", "a-_~+/.==", &[])),
    );
    check(
        "n,a==2C=3D,\x01auth=Bearer a\x01\x01",
        Ok(("=2C=3D", "a", &[])),
    );
    check(
        "n,,\x01auth=Bearer a\x01traceId=1=2 \t\r\n\x01b=c\x01\x01",
        Ok(("", "a", &[("traceId", "1=2 \t\r\n"), ("b", "c")])),
    );
    // Of two of a name the second.
    check(
        "n,,\x01auth=Bearer a\x01auth=Bearer b\x01\x01",
        Ok(("", "b", &[])),
    );
}

#[test]
fn what_it_does_not_is_refused() {
    let invalid = || Err(Failed::hidden("Invalid OAUTHBEARER client first message"));
    for sent in [
        "",
        "n",
        "n,",
        "n,,",
        "n,,\x01",
        "y,,\x01auth=Bearer a\x01\x01",
        "n,b=c,\x01auth=Bearer a\x01\x01",
        "n,a=,\x01auth=Bearer a\x01\x01",
        "n,a==2c,\x01auth=Bearer a\x01\x01",
        "n,a=\u{e9},\x01auth=Bearer a\x01\x01",
        "n,,auth=Bearer a\x01\x01",
        "n,,\x01auth=Bearer a\x01",
        "n,,\x01auth=Bearer a\x01\x01\x01",
        "n,,\x01auth=Bearer a\x01x1=b\x01\x01",
        "n,,\x01auth=Bearer a\x01b=\x01\x01",
        "n,,\x01auth=Bearer a\x01=b\x01\x01",
        "n,,\x01auth=Bearer a\x01b=\u{e9}\x01\x01",
    ] {
        check(sent, invalid());
    }
    let missing = "Invalid OAUTHBEARER client first message: 'auth' not specified";
    check("n,,\x01\x01", Err(Failed::hidden(missing)));
    check("n,,\x01Auth=Bearer a\x01\x01", Err(Failed::hidden(missing)));
    let format = "Invalid OAUTHBEARER client first message: invalid 'auth' format";
    for auth in [
        "Bearer",
        "Bearer ",
        "Bearer a b",
        "Be-arer a",
        "Bearer =",
        "Bearer a=b",
    ] {
        let sent = format!("n,,\x01auth={auth}\x01\x01");
        check(&sent, Err(Failed::hidden(format)));
    }
    let broken = Failed::Broken("No group with name <scheme>".to_owned());
    check("n,,\x01auth=Basic a\x01\x01", Err(broken));
}
