//! Rules about bytes: they know connections, and nothing of what passes on them.

use super::{Checked, refuse};
use crate::engine::fault::rule::{ByteAction, Cut, Rule, Towards};

/// Whether a rule about bytes can be.
pub(super) fn check(rule: &Rule, action: &ByteAction) -> Checked {
    let of_requests = [
        ("api", !rule.api.is_empty()),
        ("software", rule.software.is_some()),
        ("principal", rule.principal.is_some()),
        ("mechanism", rule.mechanism.is_some()),
        ("topic", rule.topic.is_some()),
        ("partition", rule.partition.is_some()),
        ("group", rule.group.is_some()),
        ("transactional_id", rule.transactional_id.is_some()),
        ("member", rule.member.is_some()),
        ("unchecked", rule.unchecked),
    ];
    if let Some((field, _)) = of_requests.iter().find(|(_, given)| *given) {
        return refuse(format!(
            "bytes belong to connections, which have a node and a client id: leave `{field}` out, or \
             use `before_apply` or `after_apply`"
        ));
    }
    match action {
        ByteAction::Bandwidth(0) => refuse("no bandwidth at all is `silence`"),
        ByteAction::Slice { bytes: 0, .. } => refuse("a slice has at least 1 byte"),
        ByteAction::Refuse if selects_connections(rule) => refuse(
            "a node that refuses does not see who connects: select by `node` alone, or cut the \
             connection after 0 bytes",
        ),
        ByteAction::Cut {
            how: Cut::HalfClose,
            ..
        } if rule.to == Some(Towards::Broker) => refuse(
            "half of a connection is closed by the broker, after what goes to the client: leave `to` \
             out",
        ),
        ByteAction::Latency(_)
        | ByteAction::Bandwidth(_)
        | ByteAction::Slice { .. }
        | ByteAction::Corrupt(_)
        | ByteAction::Cut { .. }
        | ByteAction::Silence
        | ByteAction::Refuse => Ok(()),
    }
}

fn selects_connections(rule: &Rule) -> bool {
    let triggers = [rule.nth, rule.count, rule.every];
    rule.client_id.is_some()
        || rule.to.is_some()
        || rule.probability.is_some()
        || triggers.iter().any(Option::is_some)
}

#[cfg(test)]
mod tests {
    use crate::engine::fault::check::check;
    use crate::engine::fault::rule::Rule;

    #[test]
    fn rules_about_bytes_are_checked() {
        #[track_caller]
        fn case(json: &str, expected: &str) {
            let rule: Rule = serde_json::from_str(json).unwrap();
            let told = check(&rule).map_or_else(|bad| bad.to_string(), |()| "fine".to_owned());
            assert!(told.contains(expected), "{json}: {told}");
        }
        case(
            r#"{"bytes":{"latency":"20ms"},"to":"client","node":1,"nth":2}"#,
            "fine",
        );
        case(
            r#"{"bytes":{"latency":{"for":"20ms","jitter":"5ms"}}}"#,
            "fine",
        );
        case(r#"{"bytes":{"bandwidth":1000}}"#, "fine");
        case(r#"{"bytes":{"bandwidth":0}}"#, "`silence`");
        case(r#"{"bytes":{"slice":{"bytes":7,"pause":"1ms"}}}"#, "fine");
        case(r#"{"bytes":{"corrupt":7},"client_id":"a*"}"#, "fine");
        case(r#"{"bytes":{"cut":{"after":10,"how":"reset"}}}"#, "fine");
        case(r#"{"bytes":"silence","expect":1}"#, "fine");
        case(r#"{"bytes":"refuse","node":1}"#, "fine");
        case(r#"{"bytes":"refuse","nth":2}"#, "by `node` alone");
        case(r#"{"bytes":"silence","topic":"t"}"#, "leave `topic` out");
        case(r#"{"bytes":"silence","observe":true}"#, "one of");
        case(r#"{"to":"client","observe":true}"#, "give the rule `bytes`");
        let half = r#"{"bytes":{"cut":{"after":1,"how":"half_close"}},"to":"broker"}"#;
        case(half, "leave `to` out");
    }
}
