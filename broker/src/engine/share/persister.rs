//! Errands to the share coordinator: they are run, and run again if nobody is there or ready.
//!
//! The rules are those of Kafka's `PersisterStateManager`: who finds no coordinator tries five times, and who finds one
//! that does not do it tries five times, too; each waits twice as long as before. Whoever asked waits for that.

use super::SharePartitionKey;
use super::errands::{Ask, Errand, Then, Told};
use super::retries::{Attempt, Retry, Tries};
use crate::engine::api_error::ApiError;
use crate::engine::state::State;
use crate::engine::state_topic::{self, StateTopic};
use crate::engine::time::Now;
use crate::wire::error::ErrorCode;

/// Nobody coordinates, however often one looks.
fn not_found() -> ApiError {
    ApiError::new(
        ErrorCode::CoordinatorNotAvailable,
        "Error in find coordinator. Exhausted max retries to find coordinator without success.",
    )
}

/// Whether an error of the share coordinator may pass.
const fn may_pass(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::CoordinatorNotAvailable
            | ErrorCode::CoordinatorLoadInProgress
            | ErrorCode::NotCoordinator
            | ErrorCode::UnknownTopicOrPartition
    )
}

impl State {
    /// Asks the share coordinator, and again for a while if it has to be. None if that goes on: then what follows is
    /// `then`.
    pub(super) fn ask_share_coordinator(
        &mut self,
        now: Now,
        errand: Errand,
        then: impl FnOnce() -> Then,
    ) -> Option<Result<Told, ApiError>> {
        let mut tries = Tries::default();
        let told = self.try_errand(now, &errand, &mut tries);
        self.or_again(now, (errand, tries, told), then)
    }

    /// Asks once more, and does what follows.
    pub(super) fn ask_again(&mut self, now: Now, errand: Errand, mut tries: Tries, then: Then) {
        let told = self.try_errand(now, &errand, &mut tries);
        let key = errand.key.clone();
        let told = self.or_again(now, (errand, tries, told), || then.clone());
        if let Some(told) = told {
            self.follow_errand(now, &key, then, told);
        }
    }

    fn or_again(
        &mut self,
        now: Now,
        (errand, tries, told): (Errand, Tries, Trying),
        then: impl FnOnce() -> Then,
    ) -> Option<Result<Told, ApiError>> {
        match told {
            Trying::Told(told) => Some(told),
            // A node that stops writes down what its clients give up as they go, but not for long.
            Trying::Again(_) if !self.cluster.is_up(errand.node) => {
                let code = ErrorCode::CoordinatorNotAvailable;
                Some(Err(errand.what.exhausted(code)))
            }
            Trying::Again(attempt) => {
                let retry = Retry::Errand(Box::new(errand), tries, then());
                self.retry(now, retry, attempt);
                None
            }
        }
    }

    fn follow_errand(
        &mut self,
        now: Now,
        key: &SharePartitionKey,
        then: Then,
        told: Result<Told, ApiError>,
    ) {
        match then {
            Then::Begin(beginning) => self.go_on_beginning(now, key, &beginning, told),
            Then::Settle(pending) => self.settle_later(now, key, &pending, told.map(drop)),
            Then::Gather(number, place) => self.gather(now, number, (place, told)),
        }
    }

    /// Asks once; makes the state topic if there is none yet.
    fn try_errand(&mut self, now: Now, errand: &Errand, tries: &mut Tries) -> Trying {
        let Errand { key, what, .. } = errand;
        let text = key.text();
        let node = self.cluster.controller();
        let Some(leader) = state_topic::leader_in(self, now, node, StateTopic::Shares, &text)
        else {
            let Some(next) = tries.find.next() else {
                return Trying::Told(Err(not_found()));
            };
            tries.find = next;
            return Trying::Again(next);
        };
        let ready = self.check_coordinator(leader, StateTopic::Shares, &text);
        let told = ready.map_err(ApiError::from);
        let error = match told.and_then(|()| self.do_errand(now, errand)) {
            Ok(told) => return Trying::Told(Ok(told)),
            Err(error) => error,
        };
        if !may_pass(error.code) {
            let usual = || error.code.text().unwrap_or_default().to_owned();
            let message = error.message.clone().unwrap_or_else(usual);
            return Trying::Told(Err(what.failed(error.code, &message)));
        }
        let Some(next) = tries.ask.next() else {
            return Trying::Told(Err(what.exhausted(error.code)));
        };
        tries.ask = next;
        Trying::Again(next)
    }

    /// Does it at the coordinator.
    fn do_errand(&mut self, now: Now, errand: &Errand) -> Result<Told, ApiError> {
        let key = &errand.key;
        match &errand.what {
            Ask::Read { leader_epoch } => self.read_kept(now, key, *leader_epoch).map(Some),
            Ask::Write(write) => self.write_kept(now, key, write).map(|()| None),
            Ask::Begin { state_epoch, start } => self
                .begin_kept(now, key, (*state_epoch, *start))
                .map(|()| None),
            Ask::End => self.end_kept(now, key).map(|()| None),
            Ask::Summary => self.kept_summary(key).map(Option::<&_>::cloned),
        }
    }
}

/// What came of asking once.
enum Trying {
    Told(Result<Told, ApiError>),
    /// It is tried again, for that many times.
    Again(Attempt),
}
