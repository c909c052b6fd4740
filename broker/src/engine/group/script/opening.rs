//! How most scripts begin: members join, and the leader assigns. What comes of that is not written down, since
//! the scripts about joining and syncing show it; it must only go well.

use std::time::Duration;

use super::Stage;

/// A member of the opening: its client, how it joins, and what it says as the leader assigns.
struct Opening<'a> {
    client: &'a str,
    join: Vec<&'a str>,
    sync: Vec<&'a str>,
}

/// `a v9 instance=i assign=a:1,b:2; b`
fn members(list: &str) -> Vec<Opening<'_>> {
    let members = list.split("; ").map(|member| {
        let mut words = member.split(' ');
        let client = words.next().unwrap();
        let words: Vec<_> = words.collect();
        let having = |names: &[&str], or_not: bool| {
            let has = |word: &&str| names.iter().any(|name| word.starts_with(name)) == or_not;
            words.iter().copied().filter(has).collect()
        };
        Opening {
            client,
            join: having(&["assign="], false),
            sync: having(&["assign=", "instance="], true),
        }
    });
    members.collect()
}

impl Stage {
    /// These have joined the first generation; the first of them leads.
    pub(super) fn joined(&mut self, list: &str) {
        for member in members(list) {
            self.ask(member.client, &line("join", &member.join));
        }
        let far = self.bench.now.plus(Duration::from_secs(600));
        while !self.asked.is_empty() {
            let effects = self.bench.next_until(far);
            self.tell(effects.unwrap_or_else(|| panic!("nobody answers {list}")));
        }
        self.went_well("generation 1, ");
    }

    /// They have joined it, and have their assignments.
    pub(super) fn stable(&mut self, list: &str) {
        self.joined(list);
        for member in members(list) {
            self.ask(member.client, &line("sync", &member.sync));
        }
        self.went_well("assigned ");
    }

    fn went_well(&mut self, answer: &str) {
        for line in self.text.lines() {
            let (_, what) = line.split_once(": ").unwrap();
            assert!(
                what.starts_with(answer) || what.contains(" -> "),
                "an opening must go well: {line}"
            );
        }
        assert!(self.asked.is_empty(), "{:?} still wait", self.asked);
        self.text.clear();
    }
}

fn line(verb: &str, words: &[&str]) -> String {
    [&[verb], words].concat().join(" ")
}
