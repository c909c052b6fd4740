//! The suite speaks of every API at every version that the oracle advertises.

use std::collections::BTreeSet;
use std::fs;

use protocol_tests::ahead::ahead;
use protocol_tests::case::Case;
use protocol_tests::{runner, transcripts};

#[test]
fn every_case_has_a_transcript_and_every_transcript_a_case() {
    let cases: BTreeSet<_> = protocol_tests::cases::all().iter().map(Case::id).collect();
    let mut recorded = BTreeSet::new();
    for file in fs::read_dir(transcripts::folder()).unwrap() {
        let path = file.unwrap().path();
        let area = path.file_stem().unwrap().to_str().unwrap().to_owned();
        recorded.extend(
            transcripts::load(&area)
                .unwrap()
                .keys()
                .map(|name| format!("{area}/{name}")),
        );
    }
    let (unrecorded, orphans) = (cases.difference(&recorded), recorded.difference(&cases));
    assert_eq!(
        unrecorded.collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "not recorded"
    );
    assert_eq!(
        orphans.collect::<Vec<_>>(),
        Vec::<&String>::new(),
        "recorded, but no case"
    );
    let ids: Vec<_> = cases.iter().cloned().collect();
    assert_eq!(
        ahead().unused(&ids).collect::<Vec<_>>(),
        Vec::<&str>::new(),
        "ahead.txt lists no case"
    );
    for case in runner::expected_differences().keys() {
        assert!(cases.contains(case), "a difference of no case: {case}");
    }
}

#[test]
fn every_advertised_version_has_a_case() {
    let mut asked = BTreeSet::new();
    for file in fs::read_dir(transcripts::folder()).unwrap() {
        let text = fs::read_to_string(file.unwrap().path()).unwrap();
        for line in text.lines().filter_map(|line| line.split_once("> ")) {
            let mut words = line.1.split(' ');
            if let (Some(api), Some(version)) = (words.next(), words.next()) {
                asked.insert(format!("{api} {version}"));
            }
        }
    }
    let advertised = transcripts::load("api_versions")
        .unwrap()
        .remove("advertised")
        .unwrap();
    let mut missing = Vec::new();
    for row in advertised.lines() {
        let Some((api, range)) = row.trim_start_matches("= ").split_once(' ') else {
            continue;
        };
        let Some((min, max)) = range.split_once('-') else {
            continue;
        };
        // Produce advertises versions that it does not serve (see framing/produce_below_3).
        let min = if api == "Produce" {
            3
        } else {
            min.parse::<i16>().unwrap()
        };
        for version in min..=max.parse().unwrap() {
            if !asked.contains(&format!("{api} v{version}")) {
                missing.push(format!("{api} v{version}"));
            }
        }
    }
    assert!(
        missing.is_empty(),
        "no case asks for {}",
        missing.join(", ")
    );
}
