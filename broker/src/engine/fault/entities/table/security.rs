//! ACLs and delegation tokens.

use super::Apply::{Rest, Whole};
use super::Fill::{Int, IntFor, Text};
use super::Kind::{Acl, Other};
use super::{Entities, Fill, asked, key, level, place, row, tree, whole};
use crate::wire::api::Api;
use crate::wire::error::ErrorCode as E;

const DESCRIBE_ACLS: Entities = row(
    Api::DescribeAcls,
    &[asked("ResourceNameFilter", Acl)],
    &[whole(&[place(
        0,
        &[
            E::SecurityDisabled,
            E::ClusterAuthorizationFailed,
            E::InvalidRequest,
        ],
    )])],
    Whole,
);

/// What an authorizer says of each change; the rows of these answers go by their places.
const CHANGED: &[E] = &[
    E::SecurityDisabled,
    E::ClusterAuthorizationFailed,
    E::InvalidRequest,
    E::NotController,
    E::RequestTimedOut,
    E::UnsupportedVersion,
    E::PolicyViolation,
];

const CREATE_ACLS: Entities = row(
    Api::CreateAcls,
    &[],
    &[tree(
        &[level(
            "Creations",
            "Results",
            &[key("ResourceType", "", Other), key("ResourceName", "", Acl)],
        )],
        &[place(1, CHANGED)],
    )],
    Rest,
);

const DELETE_ACLS: Entities = row(
    Api::DeleteAcls,
    &[],
    &[tree(
        &[level(
            "Filters",
            "FilterResults",
            &[
                key("ResourceTypeFilter", "", Other),
                key("ResourceNameFilter", "", Acl),
            ],
        )],
        &[place(1, CHANGED)],
    )],
    Rest,
);

/// What is answered to anyone who asks for tokens.
macro_rules! tokens {
    ($($more:ident),* $(,)?) => {
        &[
            E::DelegationTokenRequestNotAllowed,
            E::DelegationTokenAuthDisabled,
            E::DelegationTokenAuthorizationFailed,
            E::NotController,
            E::RequestTimedOut,
            E::UnsupportedVersion,
            $(E::$more),*
        ]
    };
}

/// Who nobody is.
const NOBODY: &[(&str, Fill)] = &[
    ("PrincipalType", Text("User")),
    ("PrincipalName", Text("ANONYMOUS")),
    ("TokenRequesterPrincipalType", Text("User")),
    ("TokenRequesterPrincipalName", Text("ANONYMOUS")),
    ("IssueTimestampMs", Int(-1)),
    ("ExpiryTimestampMs", Int(-1)),
    ("MaxTimestampMs", Int(-1)),
    // As the controller says it.
    ("IssueTimestampMs", IntFor(DISABLED, 0)),
    ("ExpiryTimestampMs", IntFor(DISABLED, 0)),
    ("MaxTimestampMs", IntFor(DISABLED, 0)),
];

const DISABLED: E = E::DelegationTokenAuthDisabled;

const CREATE_DELEGATION_TOKEN: Entities = row(
    Api::CreateDelegationToken,
    &[],
    &[whole(&[
        place(0, tokens![InvalidPrincipalType]).fill(NOBODY)
    ])],
    Rest,
);

const OF_TOKEN: &[E] = tokens![
    DelegationTokenNotFound,
    DelegationTokenOwnerMismatch,
    DelegationTokenExpired,
];

/// As the broker itself says it.
const NO_TIME: &[(&str, Fill)] = &[(
    "ExpiryTimestampMs",
    IntFor(E::DelegationTokenRequestNotAllowed, -1),
)];

const RENEW_DELEGATION_TOKEN: Entities = row(
    Api::RenewDelegationToken,
    &[],
    &[whole(&[place(0, OF_TOKEN).fill(NO_TIME)])],
    Rest,
);

const EXPIRE_DELEGATION_TOKEN: Entities = row(
    Api::ExpireDelegationToken,
    &[],
    &[whole(&[place(0, OF_TOKEN).fill(NO_TIME)])],
    Rest,
);

const DESCRIBE_DELEGATION_TOKEN: Entities = row(
    Api::DescribeDelegationToken,
    &[],
    &[whole(&[place(0, tokens![])])],
    Whole,
);

pub(super) const ROWS: &[Entities] = &[
    DESCRIBE_ACLS,
    CREATE_ACLS,
    DELETE_ACLS,
    CREATE_DELEGATION_TOKEN,
    RENEW_DELEGATION_TOKEN,
    EXPIRE_DELEGATION_TOKEN,
    DESCRIBE_DELEGATION_TOKEN,
];
