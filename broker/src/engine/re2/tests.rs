//! What is read, what is refused and what matches, as RE2/J 1.8 has it.

use super::Pattern;

#[test]
fn what_is_refused() {
    let cases = [
        ("(", "missing closing )"),
        ("a(b|c", "missing closing )"),
        (")", "regexp/syntax: internal error"),
        ("a|b)", "regexp/syntax: internal error"),
        ("[", "missing closing ]"),
        ("[a-", "missing closing ]"),
        ("[]", "missing closing ]"),
        ("[z-a]", "invalid character class range"),
        ("[[:foo:]]", "invalid character class range"),
        ("\\p{Foo}", "invalid character class range"),
        ("\\p", "invalid character class range"),
        ("*", "missing argument to repetition operator"),
        ("a|*", "missing argument to repetition operator"),
        ("(*)", "missing argument to repetition operator"),
        ("(?i)*", "missing argument to repetition operator"),
        ("a**", "invalid nested repetition operator"),
        ("a++", "invalid nested repetition operator"),
        ("a*??", "invalid nested repetition operator"),
        ("a{*", "invalid nested repetition operator"),
        ("a{1001}", "invalid repeat count"),
        ("a{2,1}", "invalid repeat count"),
        ("a{999999999}", "invalid repeat count"),
        ("(?=x)", "invalid or unsupported Perl syntax"),
        ("(?!x)", "invalid or unsupported Perl syntax"),
        ("(?P=x)", "invalid or unsupported Perl syntax"),
        ("(?i-)", "invalid or unsupported Perl syntax"),
        ("(?P<n", "invalid named capture"),
        ("(?P<>a)", "invalid named capture"),
        ("(?<n>a)(?<n>b)", "duplicate capture group name"),
        ("\\", "trailing backslash at end of expression"),
        ("\\1", "invalid escape sequence"),
        ("\\8", "invalid escape sequence"),
        ("\\C", "invalid escape sequence"),
        ("\\y", "invalid escape sequence"),
        ("\\xz", "invalid escape sequence"),
        ("\\x{110000}", "invalid escape sequence"),
    ];
    for (expression, expected) in cases {
        let refused = Pattern::parse(expression).err();
        assert_eq!(refused, Some(expected), "{expression}");
    }
}

#[test]
fn what_matches() {
    let cases: [(&str, &[&str], &[&str]); 32] = [
        ("foo", &["foo"], &["fo", "fooo", "xfoo"]),
        ("", &[""], &["a"]),
        ("foo.*", &["foo", "foo-bar"], &["xfoo"]),
        ("foo|bar", &["foo", "bar"], &["foobar", "fooar"]),
        ("a|b|c", &["a", "b", "c"], &["", "ab"]),
        ("fo+", &["fo", "foo"], &["f"]),
        ("fo?", &["f", "fo"], &["foo"]),
        ("fo{2}", &["foo"], &["fo", "fooo"]),
        ("fo{2,}", &["foo", "foooo"], &["fo"]),
        ("fo{1,2}", &["fo", "foo"], &["f", "fooo"]),
        ("fo{0}", &["f"], &["fo"]),
        ("f{,2}", &["f{,2}"], &["f", "ff"]),
        ("a{01}", &["a{01}"], &["a"]),
        ("(ab)*", &["", "ab", "abab"], &["aba"]),
        ("(a|b)+c", &["ac", "babc"], &["c"]),
        ("(a*)*", &["", "aaa"], &["b"]),
        ("^foo$", &["foo"], &["foo\n"]),
        ("\\Afoo\\z", &["foo"], &["fo"]),
        ("a.b", &["a.b", "a-b"], &["ab"]),
        ("a\\.b", &["a.b"], &["a-b"]),
        ("[a-c]+", &["abc"], &["d", "A"]),
        ("[^a-c]+", &["xyz"], &["a"]),
        ("[]a]", &["a"], &["b"]),
        ("[a-]", &["a", "-"], &["b"]),
        ("[a[b]", &["a", "b"], &["c"]),
        ("[\\d_]+", &["1_2"], &["a"]),
        ("[[:alpha:]]+", &["aZ"], &["1"]),
        ("\\pL\\p{Nd}", &["a1"], &["1a"]),
        ("(?i)FOO-k", &["foo-K", "Foo-k"], &["fo"]),
        ("(?i:a)b", &["Ab"], &["AB"]),
        ("\\Qa.b\\E+", &["a.b", "a.bb"], &["a-b"]),
        ("fo\\Bo\\b-bar", &["foo-bar"], &["foobar"]),
    ];
    for (expression, matching, others) in cases {
        let pattern =
            Pattern::parse(expression).unwrap_or_else(|error| panic!("{expression}: {error}"));
        for name in matching {
            assert!(pattern.matches(name), "{expression} and {name}");
        }
        for name in others {
            assert!(!pattern.matches(name), "{expression} and not {name}");
        }
    }
}

#[test]
fn what_would_take_long_is_refused() {
    assert!(Pattern::parse("((a{1000}){1000}){1000}").is_err());
    assert!(Pattern::parse(&"(".repeat(100_000)).is_err());
    let nested = Pattern::parse("(a*)*b").expect("it is short");
    assert!(!nested.matches(&"a".repeat(249)));
}
