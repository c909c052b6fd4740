//! Producers that are forgotten or fenced.

use super::CommandFailure;
use crate::engine::Engine;
use crate::engine::context::Effects;
use crate::engine::state::State;
use crate::engine::time::Now;
use crate::engine::topic_partition::TopicPartition;
use crate::wire::apis::Response;
use crate::wire::error::ErrorCode;
use crate::wire::messages::add_partitions_to_txn_request::AddPartitionsToTxnTopic;
use crate::wire::messages::{
    AddPartitionsToTxnRequest, FindCoordinatorRequest, InitProducerIdRequest,
    InitProducerIdResponse, str_bytes,
};
use crate::wire::units::{NodeId, ProducerEpoch, ProducerId};

/// A fencing client asks again while the transaction that it ends is ending.
const ATTEMPTS: usize = 3;

/// How long a transaction of ours stays open: the default of Kafka's Java client.
const TRANSACTION_TIMEOUT_MS: i32 = 60_000;

/// Versions that are asked one transaction at a time.
const INIT_VERSION: i16 = 4;
const ADD_VERSION: i16 = 3;
const FIND_VERSION: i16 = 3;

/// What FindCoordinator calls a transactional id.
const TRANSACTION_KEY: i8 = 1;

/// A producer with a transaction that is open.
#[derive(Debug)]
pub(super) struct OwnProducer {
    pub(super) transactional_id: String,
    pub(super) id: ProducerId,
    pub(super) epoch: ProducerEpoch,
}

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
    ) -> Result<(), CommandFailure> {
        self.on_partition(now, at, |partition| {
            if let Some(id) = id
                && partition.log.producers().get(id).is_none()
            {
                let why = format!("{at} knows of no producer {}", id.0);
                return Err(CommandFailure::Unknown(why));
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
    ) -> Result<(), CommandFailure> {
        let known = self
            .state
            .transactions
            .iter()
            .any(|(id, _)| id == transactional_id);
        if !known {
            let why = format!("there is no transactional id {transactional_id}");
            return Err(CommandFailure::Unknown(why));
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
        Err(CommandFailure::Impossible(format!(
            "{transactional_id} cannot be fenced: its coordinator answers with error {code}"
        )))
    }

    /// Begins a transaction in these partitions of a topic, as a new producer with the transactional id: one that was
    /// open is aborted.
    ///
    /// # Errors
    /// What the id's coordinator answers.
    pub(super) fn begin_transaction(
        &mut self,
        now: Now,
        transactional_id: &str,
        (topic, partitions): (&str, Vec<i32>),
        effects: &mut Effects,
    ) -> Result<OwnProducer, CommandFailure> {
        let id = || str_bytes(transactional_id);
        let find = FindCoordinatorRequest::default()
            .with_key(id())
            .with_key_type(TRANSACTION_KEY);
        let anyone = self.state.cluster.controller();
        self.ask_itself(now, (anyone, FIND_VERSION), find.into(), effects);
        let Some(node) = self.state.transaction_coordinator(transactional_id) else {
            let code = ErrorCode::CoordinatorNotAvailable.code();
            return Err(CommandFailure::by_kafka(code, None));
        };
        let made = self.init_producer(now, (node, transactional_id), effects)?;
        let topic = AddPartitionsToTxnTopic::default()
            .with_name(str_bytes(topic).into())
            .with_partitions(partitions);
        let add = AddPartitionsToTxnRequest::default()
            .with_v3_and_below_transactional_id(id().into())
            .with_v3_and_below_producer_id(made.producer_id)
            .with_v3_and_below_producer_epoch(made.producer_epoch)
            .with_v3_and_below_topics(vec![topic]);
        let answer = self.ask_itself(now, (node, ADD_VERSION), add.into(), effects);
        let Some(Response::AddPartitionsToTxn(answer)) = answer else {
            let code = ErrorCode::UnknownServerError.code();
            return Err(CommandFailure::by_kafka(code, None));
        };
        let topics = answer.results_by_topic_v3_and_below.iter();
        let mut results = topics.flat_map(|topic| &topic.results_by_partition);
        if let Some(failed) = results.find(|result| result.partition_error_code != 0) {
            return Err(CommandFailure::by_kafka(failed.partition_error_code, None));
        }
        Ok(OwnProducer {
            transactional_id: transactional_id.to_owned(),
            id: ProducerId(made.producer_id.0),
            epoch: ProducerEpoch(made.producer_epoch),
        })
    }

    fn init_producer(
        &mut self,
        now: Now,
        (node, transactional_id): (NodeId, &str),
        effects: &mut Effects,
    ) -> Result<InitProducerIdResponse, CommandFailure> {
        let id = str_bytes(transactional_id);
        let request = InitProducerIdRequest::default()
            .with_transactional_id(Some(id.into()))
            .with_transaction_timeout_ms(TRANSACTION_TIMEOUT_MS)
            .with_producer_id((-1).into())
            .with_producer_epoch(-1);
        let mut code = ErrorCode::UnknownServerError.code();
        for _ in 0..ATTEMPTS {
            let request = request.clone().into();
            let answer = self.ask_itself(now, (node, INIT_VERSION), request, effects);
            let Some(Response::InitProducerId(answer)) = answer else {
                break;
            };
            code = answer.error_code;
            if code == ErrorCode::None.code() {
                return Ok(answer);
            }
            if code != ErrorCode::ConcurrentTransactions.code() {
                break;
            }
        }
        Err(CommandFailure::by_kafka(code, None))
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
        assert!(matches!(unknown, Err(CommandFailure::Unknown(_))));
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
