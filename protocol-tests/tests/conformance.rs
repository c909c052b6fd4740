//! Every case as a test of its own, each against a fresh embedded broker. Those recorded ahead of the broker are ignored.

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Failed, Trial};
use protocol_tests::ahead::ahead;
use protocol_tests::embedded;
use protocol_tests::runner::{Outcome, judge};
use protocol_tests::target::Target;

fn main() -> ExitCode {
    let target = Arc::new(Target::Embedded);
    let ahead = ahead();
    let trials = protocol_tests::cases::all().into_iter().map(|case| {
        let (target, name) = (Arc::clone(&target), case.id());
        let ignored = !embedded::AVAILABLE || ahead.lists(&name);
        let run = move || match judge(&target, &case) {
            Outcome::Passed | Outcome::Recorded | Outcome::Expected(_) => Ok(()),
            Outcome::Failed(why) | Outcome::Skipped(why) => Err(Failed::from(why)),
        };
        Trial::test(name, run).with_ignored_flag(ignored)
    });
    libtest_mimic::run(&Arguments::from_args(), trials.collect()).exit_code()
}
