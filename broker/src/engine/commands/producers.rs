//! Producers that are forgotten or fenced.

use super::Refused;
use crate::engine::Engine;
use crate::engine::context::Effects;
use crate::engine::state::State;
use crate::engine::time::Now;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::apis::Response;
use crate::wire::error::ErrorCode;
use crate::wire::messages::{InitProducerIdRequest, str_bytes};
use crate::wire::units::ProducerId;

/// A fencing client asks again while the transaction that it ends is ending.
const ATTEMPTS: usize = 3;

impl State {
    /// Forgets what a partition knows of a producer, or of all of them, as after
    /// `producer.id.expiration.ms`.
    ///
    /// # Errors
    /// When there is no such partition, or it does not know that producer.
    pub(super) fn expire_producer(
        &mut self,
        now: Now,
        at: TopicPartition<&str>,
        id: Option<ProducerId>,
    ) -> Result<(), Refused> {
        self.on_partition(now, at, |partition| {
            if let Some(id) = id
                && partition.log.producers().get(id).is_none()
            {
                let why = format!("{at} knows of no producer {}", id.0);
                return Err(Refused::Unknown(why));
            }
            partition.log.forget_producers(id);
            Ok(())
        })
    }
}

impl Engine {
    /// Fences the producer with a transactional id, as another one that starts with it does: its
    /// transaction is aborted, and its epoch is no longer the latest.
    ///
    /// # Errors
    /// When there is no such transactional id, or its coordinator is not there.
    pub(super) fn fence_producer(
        &mut self,
        now: Now,
        transactional_id: &str,
        effects: &mut Effects,
    ) -> Result<(), Refused> {
        let known = self
            .state
            .transactions
            .iter()
            .any(|(id, _)| id == transactional_id);
        if !known {
            let why = format!("there is no transactional id {transactional_id}");
            return Err(Refused::Unknown(why));
        }
        let busy = ErrorCode::ConcurrentTransactions.code();
        let mut code = busy;
        for _ in 0..ATTEMPTS {
            code = self.initialize_elsewhere(now, transactional_id, effects);
            if code != busy {
                break;
            }
        }
        if code == ErrorCode::None.code() {
            return Ok(());
        }
        Err(Refused::Impossible(format!(
            "{transactional_id} cannot be fenced: its coordinator answers with error {code}"
        )))
    }

    /// What a client is answered that starts with this transactional id.
    fn initialize_elsewhere(
        &mut self,
        now: Now,
        transactional_id: &str,
        effects: &mut Effects,
    ) -> i16 {
        let Some(node) = self.state.transaction_coordinator(transactional_id) else {
            return ErrorCode::CoordinatorNotAvailable.code();
        };
        let timeout = self.state.broker_config(node).transaction_max_timeout;
        let timeout = i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX);
        let id = str_bytes(transactional_id);
        let request = InitProducerIdRequest::default()
            .with_transactional_id(Some(id.into()))
            .with_transaction_timeout_ms(timeout);
        let version = 4;
        let answer = self.ask_itself(now, (node, version), request.into(), effects);
        if let Some(Response::InitProducerId(answer)) = answer {
            return answer.error_code;
        }
        ErrorCode::UnknownServerError.code()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::commands::{Command, PartitionCommand};
    use crate::engine::testing::Bench;
    use crate::wire::messages::FindCoordinatorRequest;

    #[test]
    fn a_producer_is_fenced_by_another_that_starts() {
        let mut bench = Bench::new(&[]);
        let id = str_bytes("tx");
        let find = FindCoordinatorRequest::default()
            .with_key(id.clone())
            .with_key_type(1);
        bench.ask(1, find);
        let start = InitProducerIdRequest::default()
            .with_transactional_id(Some(id.into()))
            .with_transaction_timeout_ms(60_000);
        let Response::InitProducerId(first) = bench.ask(4, start) else {
            panic!("another answer");
        };
        assert_eq!(first.producer_epoch, 0);
        let fence = |bench: &mut Bench, id: &str| {
            let transactional_id = id.to_owned();
            bench.command(Command::FenceProducer { transactional_id })
        };
        fence(&mut bench, "tx").unwrap();
        let (_, transaction) = bench.engine.state.transactions.iter().next().unwrap();
        assert_eq!(transaction.producer().epoch.0, 1);
        let unknown = fence(&mut bench, "other");
        assert!(matches!(unknown, Err(Refused::Unknown(_))));
    }

    #[test]
    fn a_partition_forgets_only_whom_it_knows() {
        let mut bench = Bench::new(&[]);
        bench.topic("t", 1);
        let mut expire = |id| {
            let act = PartitionCommand::ExpireProducer(id);
            bench.command(Command::partition("t", 0, act))
        };
        assert!(expire(None).is_ok());
        let refused = expire(Some(ProducerId(7))).unwrap_err().to_string();
        assert_eq!(refused, "t-0 knows of no producer 7");
    }
}
