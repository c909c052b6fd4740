//! Groups from outside, as scripts: what a member says, and what it is told. Time passes by "wait".

mod assignors;
mod golden;
mod members;
mod migration;
mod script;

use script::Script;

/// Plays lines of "what is done => what is told".
fn check(settings: &[(&str, &str)], lines: &str) {
    let mut script = Script::new(settings);
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (action, expected) = line.split_once(" => ").unwrap_or((line, ""));
        let told = script.play(action.trim());
        assert_eq!(told, expected.trim(), "{action}\n{lines}");
    }
}
