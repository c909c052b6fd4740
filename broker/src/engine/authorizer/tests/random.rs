//! The walk along the beginnings of a name, compared with a look at every ACL.

use super::{question, with};
use crate::engine::authorizer::{Acl, Acls, Operation, PatternType, Permission, ResourceType};
use crate::engine::rng::Rng;

/// How many clusters' ACLs are looked at.
const CASES: u64 = 300;

fn name(rng: &mut Rng) -> String {
    let letters = ["a", "b", "é", "*"];
    let length = 1 + rng.below(5);
    (0..length).map(|_| letters[rng.below(4)]).collect()
}

fn acl(rng: &mut Rng) -> Acl {
    let name = name(rng);
    let operation = [Operation::Read, Operation::Write][rng.below(2)];
    let allow = rng.below(4) > 0;
    let acl = if allow {
        Acl::allow("User:alice", operation, ResourceType::Topic, &name)
    } else {
        Acl::deny("User:alice", operation, ResourceType::Topic, &name)
    };
    if rng.below(2) == 0 {
        acl.prefixed()
    } else {
        acl
    }
}

/// What the ACLs say when each is looked at.
fn plainly(acls: &Acls, name: &str, operation: Operation) -> bool {
    let is_about = |acl: &Acl| match acl.pattern {
        PatternType::Literal => acl.resource == name || acl.resource == "*",
        PatternType::Prefixed => name.starts_with(&acl.resource),
    };
    let meant = |permission| {
        acls.iter()
            .any(|acl| is_about(acl) && acl.permission == permission && acl.operation == operation)
    };
    !meant(Permission::Deny) && meant(Permission::Allow)
}

#[test]
fn every_acl_about_a_name_is_found() {
    for seed in 0..CASES {
        let mut rng = Rng::new(seed);
        let count = 1 + rng.below(40);
        let all: Vec<Acl> = (0..count).map(|_| acl(&mut rng)).collect();
        let authorizer = with(&all);
        for _ in 0..50 {
            let asked = name(&mut rng);
            let decision = authorizer.decide(&question("User:alice", Operation::Read, &asked));
            let expected = plainly(authorizer.acls().unwrap(), &asked, Operation::Read);
            assert_eq!(
                decision.is_allowed, expected,
                "seed {seed}, {asked}: {decision:?}"
            );
        }
    }
}

#[test]
fn acls_come_and_go() {
    let mut rng = Rng::new(7);
    let mut acls = Acls::default();
    let mut known: Vec<Acl> = Vec::new();
    for _ in 0..2000 {
        let acl = acl(&mut rng);
        let was_there = known.contains(&acl);
        assert_eq!(acls.has(&acl), was_there);
        if rng.below(2) == 0 {
            assert_eq!(acls.add(acl.clone()), !was_there);
            if !was_there {
                known.push(acl);
            }
        } else {
            assert_eq!(acls.remove(&acl), was_there);
            known.retain(|other| *other != acl);
        }
        assert_eq!(acls.len(), known.len());
        assert_eq!(acls.iter().count(), known.len());
    }
}
