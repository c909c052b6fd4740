//! What is sent, right or wrong.

use proptest::prelude::*;

use super::IDS;

/// Partitions; the last one does not exist.
pub(super) const PLACES: usize = 3;
pub(super) const MISSING: usize = PLACES - 1;

/// Whose producer id a request bears, and which epoch beside that producer's.
#[derive(Debug, Clone, Copy)]
pub(super) enum Claim {
    Own(i16),
    Other,
    Nobody,
}

#[derive(Debug, Clone)]
pub(super) enum Step {
    Init(usize, Option<Claim>),
    Add(usize, Claim, usize),
    /// With a sequence so far beyond the next.
    Produce(usize, Claim, usize, i32, i16),
    /// By the same producer, outside of any transaction.
    Plain(usize, usize),
    End(usize, Claim, bool, i16),
    Wait,
}

/// Inputs for which the model and the engine once differed.
pub(super) const KNOWN: &[&[Step]] = &[
    // A write of a later epoch is refused, and holds up the transaction that is open.
    &[
        Step::Init(1, None),
        Step::Produce(1, Claim::Own(0), 1, 0, 12),
        Step::Init(0, None),
        Step::Add(0, Claim::Own(0), 0),
        Step::Produce(1, Claim::Own(1), 1, 0, 11),
        Step::Produce(1, Claim::Own(0), 1, 0, 11),
    ],
];

pub(super) fn step() -> impl Strategy<Value = Step> {
    let id = 0..IDS.len();
    let place = 0..PLACES;
    let claim = prop_oneof![
        10 => Just(Claim::Own(0)),
        2 => Just(Claim::Own(-1)),
        1 => Just(Claim::Own(1)),
        1 => Just(Claim::Other),
        1 => Just(Claim::Nobody),
    ];
    let sequence = prop_oneof![8 => Just(0), 1 => Just(1), 1 => Just(7)];
    let produce = prop_oneof![Just(11_i16), Just(12)];
    let end = prop_oneof![Just(4_i16), Just(5)];
    prop_oneof![
        4 => (id.clone(), prop::option::of(claim.clone())).prop_map(|(id, claim)| Step::Init(id, claim)),
        4 => (id.clone(), claim.clone(), place.clone())
            .prop_map(|(id, claim, to)| Step::Add(id, claim, to)),
        10 => (id.clone(), claim.clone(), place.clone(), sequence, produce)
            .prop_map(|(id, claim, to, beyond, version)| {
                Step::Produce(id, claim, to, beyond, version)
            }),
        1 => (id.clone(), place).prop_map(|(id, to)| Step::Plain(id, to)),
        6 => (id, claim, any::<bool>(), end)
            .prop_map(|(id, claim, commits, version)| Step::End(id, claim, commits, version)),
        1 => Just(Step::Wait),
    ]
}
