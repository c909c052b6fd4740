//! A client of a cluster in memory: requests and answers, one after the other.

use std::io;

use fauxka::in_memory::{InMemory, MemoryStream};
use kafka_protocol::messages::{
    ApiVersionsRequest, EndTxnRequest, FetchRequest, FindCoordinatorRequest, HeartbeatRequest,
    InitProducerIdRequest, JoinGroupRequest, JoinGroupResponse, MetadataRequest, RequestHeader,
    ResponseHeader, SyncGroupRequest, add_partitions_to_txn_request::AddPartitionsToTxnRequest,
    add_partitions_to_txn_request::AddPartitionsToTxnTopic, fetch_request, join_group_request,
    metadata_request::MetadataRequestTopic, sync_group_request,
};
use kafka_protocol::protocol::{
    Decodable as _, Encodable as _, HeaderVersion as _, Request, StrBytes,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

pub(crate) const TOPIC: &str = "orders";
pub(crate) const GROUP: &str = "app";
pub(crate) const TRANSACTIONAL_ID: &str = "payments";

pub(crate) struct Client {
    stream: MemoryStream,
    name: &'static str,
    correlation_id: i32,
}

impl Client {
    pub(crate) async fn connect(cluster: &InMemory, name: &'static str) -> Self {
        Self::over(cluster.connect(1).await.unwrap(), name)
    }

    pub(crate) fn over(stream: MemoryStream, name: &'static str) -> Self {
        Self {
            stream,
            name,
            correlation_id: 0,
        }
    }

    /// The answer, or how the connection ended.
    pub(crate) async fn ask<R: Request>(
        &mut self,
        version: i16,
        request: R,
    ) -> io::Result<R::Response> {
        self.send(version, request).await?;
        let mut answer = vec![0; usize::try_from(self.stream.read_u32().await?).unwrap()];
        self.stream.read_exact(&mut answer).await?;
        let mut answer = bytes::Bytes::from(answer);
        let version_of_header = R::Response::header_version(version);
        let header = ResponseHeader::decode(&mut answer, version_of_header).unwrap();
        assert_eq!(header.correlation_id, self.correlation_id);
        Ok(R::Response::decode(&mut answer, version).unwrap())
    }

    async fn send<R: Request>(&mut self, version: i16, request: R) -> io::Result<()> {
        self.correlation_id += 1;
        let header = RequestHeader::default()
            .with_request_api_key(R::KEY)
            .with_request_api_version(version)
            .with_correlation_id(self.correlation_id)
            .with_client_id(Some(StrBytes::from_static_str(self.name)));
        let mut frame = Vec::new();
        header
            .encode(&mut frame, R::header_version(version))
            .unwrap();
        request.encode(&mut frame, version).unwrap();
        self.stream.write_all(&size_of(&frame)).await?;
        self.stream.write_all(&frame).await
    }

    /// Asks for all that the topic holds; the bytes of the answer that come, with its length, and how the connection
    /// ended if it did.
    pub(crate) async fn fetch_bytes(&mut self) -> (Vec<u8>, Option<io::ErrorKind>) {
        let partition = fetch_request::FetchPartition::default().with_partition_max_bytes(i32::MAX);
        let topic = fetch_request::FetchTopic::default()
            .with_topic(name(TOPIC).into())
            .with_partitions(vec![partition]);
        let request = FetchRequest::default()
            .with_max_bytes(i32::MAX)
            .with_topics(vec![topic]);
        self.send(12, request).await.unwrap();
        let mut answer = vec![0; 4];
        let mut length = [0; 4];
        if let Err(error) = self.stream.read_exact(&mut length).await {
            return (Vec::new(), Some(error.kind()));
        }
        answer.copy_from_slice(&length);
        let mut left = u64::from(u32::from_be_bytes(length));
        while left > 0 {
            match self.stream.read_buf(&mut answer).await {
                Ok(0) => return (answer, Some(io::ErrorKind::UnexpectedEof)),
                Ok(read) => left -= u64::try_from(read).unwrap(),
                Err(error) => return (answer, Some(error.kind())),
            }
        }
        (answer, None)
    }

    /// How many APIs the node offers.
    pub(crate) async fn hello(&mut self) -> io::Result<usize> {
        let answer = self.ask(0, ApiVersionsRequest::default()).await?;
        Ok(answer.api_keys.len())
    }

    /// What there is from an offset on, in bytes, at most so many milliseconds from now.
    pub(crate) async fn fetch(&mut self, offset: i64, max_wait_ms: i32) -> io::Result<usize> {
        let partition = fetch_request::FetchPartition::default()
            .with_fetch_offset(offset)
            .with_partition_max_bytes(1 << 20);
        let topic = fetch_request::FetchTopic::default()
            .with_topic(name(TOPIC).into())
            .with_partitions(vec![partition]);
        let request = FetchRequest::default()
            .with_max_wait_ms(max_wait_ms)
            .with_min_bytes(1)
            .with_topics(vec![topic]);
        let answer = self.ask(11, request).await?;
        let partition = &answer.responses[0].partitions[0];
        assert_eq!(partition.error_code, 0);
        Ok(partition.records.as_ref().map_or(0, bytes::Bytes::len))
    }

    /// Has a group's or transactional id's coordinator be there.
    pub(crate) async fn find_coordinator(&mut self, key: &'static str, key_type: i8) {
        let request = FindCoordinatorRequest::default()
            .with_key(name(key))
            .with_key_type(key_type);
        let answer = self.ask(1, request).await.unwrap();
        assert_eq!(answer.error_code, 0);
    }

    /// Joins the group with a session of 45 s. It has 60 s for a rebalance.
    /// Asks about a topic, which has it made; its error.
    pub(crate) async fn find_topic(&mut self, topic: &'static str) -> i16 {
        let topic = MetadataRequestTopic::default().with_name(Some(name(topic).into()));
        let request = MetadataRequest::default()
            .with_topics(Some(vec![topic]))
            .with_allow_auto_topic_creation(true);
        self.ask(12, request).await.unwrap().topics[0].error_code
    }

    pub(crate) async fn join(&mut self) -> JoinGroupResponse {
        let protocol =
            join_group_request::JoinGroupRequestProtocol::default().with_name(name("range"));
        let request = JoinGroupRequest::default()
            .with_group_id(name(GROUP).into())
            .with_session_timeout_ms(45_000)
            .with_rebalance_timeout_ms(60_000)
            .with_protocol_type(name("consumer"))
            .with_protocols(vec![protocol]);
        let answer = self.ask(3, request).await.unwrap();
        assert_eq!(answer.error_code, 0);
        answer
    }

    /// Takes part in the generation, as its only member.
    pub(crate) async fn sync(&mut self, joined: &JoinGroupResponse) {
        let assignment = sync_group_request::SyncGroupRequestAssignment::default()
            .with_member_id(joined.member_id.clone());
        let request = SyncGroupRequest::default()
            .with_group_id(name(GROUP).into())
            .with_generation_id(joined.generation_id)
            .with_member_id(joined.member_id.clone())
            .with_assignments(vec![assignment]);
        assert_eq!(self.ask(2, request).await.unwrap().error_code, 0);
    }

    /// The error of a heartbeat, if any.
    pub(crate) async fn heartbeat(&mut self, joined: &JoinGroupResponse) -> i16 {
        let request = HeartbeatRequest::default()
            .with_group_id(name(GROUP).into())
            .with_generation_id(joined.generation_id)
            .with_member_id(joined.member_id.clone());
        self.ask(2, request).await.unwrap().error_code
    }

    /// Begins a transaction that may take so many milliseconds; says how to end it.
    pub(crate) async fn begin(&mut self, timeout_ms: i32) -> EndTxnRequest {
        let id = || kafka_protocol::messages::TransactionalId(name(TRANSACTIONAL_ID));
        let request = InitProducerIdRequest::default()
            .with_transactional_id(Some(id()))
            .with_transaction_timeout_ms(timeout_ms);
        let producer = self.ask(1, request).await.unwrap();
        assert_eq!(producer.error_code, 0);
        let topic = AddPartitionsToTxnTopic::default()
            .with_name(name(TOPIC).into())
            .with_partitions(vec![0]);
        let request = AddPartitionsToTxnRequest::default()
            .with_v3_and_below_transactional_id(id())
            .with_v3_and_below_producer_id(producer.producer_id)
            .with_v3_and_below_producer_epoch(producer.producer_epoch)
            .with_v3_and_below_topics(vec![topic]);
        let added = self.ask(1, request).await.unwrap();
        let partition = &added.results_by_topic_v3_and_below[0].results_by_partition[0];
        assert_eq!(partition.partition_error_code, 0);
        EndTxnRequest::default()
            .with_transactional_id(id())
            .with_producer_id(producer.producer_id)
            .with_producer_epoch(producer.producer_epoch)
            .with_committed(true)
    }
}

fn name(text: &'static str) -> StrBytes {
    StrBytes::from_static_str(text)
}

fn size_of(frame: &[u8]) -> [u8; 4] {
    u32::try_from(frame.len()).unwrap().to_be_bytes()
}
