use std::fmt::Debug;

use bytes::Bytes;
use kafka_protocol::messages as k;
use kafka_protocol::protocol::{Decodable, Encodable};
use proptest::prelude::*;

use super::*;
use crate::wire::guard::sample::{Fill, Sample};
use crate::wire::guard::{
    Message, admit, check_response, parse_header, request, requests, response,
};
use crate::wire::messages::{
    DescribeShareGroupOffsetsRequest, DescribeShareGroupOffsetsResponse,
    ReadShareGroupStateSummaryRequest, ReadShareGroupStateSummaryResponse, ShareAcknowledgeRequest,
    ShareAcknowledgeResponse, ShareFetchRequest, ShareFetchResponse, StreamsGroupDescribeRequest,
    StreamsGroupDescribeResponse, StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse,
    StreamsGroupTopologyDescriptionUpdateRequest, StreamsGroupTopologyDescriptionUpdateResponse,
    WriteShareGroupStateRequest, WriteShareGroupStateResponse,
};

/// Decodes and encodes a sample made from Kafka's definitions, which must give the same bytes.
fn round_trip<T: Decodable + Encodable + Debug>(
    message: &'static Message,
    version: i16,
    layout: i16,
) {
    for fill in [Fill::Empty, Fill::Full] {
        let name = format!(
            "{} v{version} {fill:?} {}",
            message.name,
            std::any::type_name::<T>()
        );
        let sample = Sample::new(message, version, fill).bytes;
        let mut rest = Bytes::from(sample.clone());
        let value = T::decode(&mut rest, layout).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert!(rest.is_empty(), "{name}: {} bytes left over", rest.len());
        let mut again = Vec::new();
        value
            .encode(&mut again, layout)
            .unwrap_or_else(|e| panic!("{name}: {e}: {value:?}"));
        assert_eq!(again, sample, "{name}: {value:?}");
    }
}

macro_rules! every_api {
    ($check:ident) => {
        $check! {
            0 ProduceRequest k::ProduceResponse,
            1 k::FetchRequest FetchResponse,
            2 k::ListOffsetsRequest k::ListOffsetsResponse,
            3 k::MetadataRequest MetadataResponse,
            8 OffsetCommitRequest k::OffsetCommitResponse,
            9 OffsetFetchRequest k::OffsetFetchResponse,
            10 k::FindCoordinatorRequest k::FindCoordinatorResponse,
            11 k::JoinGroupRequest k::JoinGroupResponse,
            12 k::HeartbeatRequest k::HeartbeatResponse,
            13 k::LeaveGroupRequest k::LeaveGroupResponse,
            14 k::SyncGroupRequest k::SyncGroupResponse,
            15 k::DescribeGroupsRequest k::DescribeGroupsResponse,
            16 k::ListGroupsRequest k::ListGroupsResponse,
            17 k::SaslHandshakeRequest k::SaslHandshakeResponse,
            18 ApiVersionsRequest k::ApiVersionsResponse,
            19 k::CreateTopicsRequest k::CreateTopicsResponse,
            20 k::DeleteTopicsRequest k::DeleteTopicsResponse,
            21 k::DeleteRecordsRequest k::DeleteRecordsResponse,
            22 k::InitProducerIdRequest k::InitProducerIdResponse,
            23 k::OffsetForLeaderEpochRequest k::OffsetForLeaderEpochResponse,
            24 k::AddPartitionsToTxnRequest k::AddPartitionsToTxnResponse,
            25 k::AddOffsetsToTxnRequest k::AddOffsetsToTxnResponse,
            26 k::EndTxnRequest k::EndTxnResponse,
            27 WriteTxnMarkersRequest k::WriteTxnMarkersResponse,
            28 TxnOffsetCommitRequest TxnOffsetCommitResponse,
            29 k::DescribeAclsRequest k::DescribeAclsResponse,
            30 k::CreateAclsRequest k::CreateAclsResponse,
            31 k::DeleteAclsRequest k::DeleteAclsResponse,
            32 k::DescribeConfigsRequest k::DescribeConfigsResponse,
            33 k::AlterConfigsRequest k::AlterConfigsResponse,
            34 k::AlterReplicaLogDirsRequest k::AlterReplicaLogDirsResponse,
            35 k::DescribeLogDirsRequest DescribeLogDirsResponse,
            36 k::SaslAuthenticateRequest k::SaslAuthenticateResponse,
            37 k::CreatePartitionsRequest k::CreatePartitionsResponse,
            38 k::CreateDelegationTokenRequest CreateDelegationTokenResponse,
            39 k::RenewDelegationTokenRequest k::RenewDelegationTokenResponse,
            40 k::ExpireDelegationTokenRequest k::ExpireDelegationTokenResponse,
            41 k::DescribeDelegationTokenRequest k::DescribeDelegationTokenResponse,
            42 k::DeleteGroupsRequest DeleteGroupsResponse,
            43 k::ElectLeadersRequest k::ElectLeadersResponse,
            44 k::IncrementalAlterConfigsRequest k::IncrementalAlterConfigsResponse,
            45 k::AlterPartitionReassignmentsRequest k::AlterPartitionReassignmentsResponse,
            46 k::ListPartitionReassignmentsRequest k::ListPartitionReassignmentsResponse,
            47 k::OffsetDeleteRequest k::OffsetDeleteResponse,
            48 k::DescribeClientQuotasRequest k::DescribeClientQuotasResponse,
            49 k::AlterClientQuotasRequest k::AlterClientQuotasResponse,
            50 k::DescribeUserScramCredentialsRequest k::DescribeUserScramCredentialsResponse,
            51 k::AlterUserScramCredentialsRequest k::AlterUserScramCredentialsResponse,
            55 k::DescribeQuorumRequest k::DescribeQuorumResponse,
            57 k::UpdateFeaturesRequest k::UpdateFeaturesResponse,
            60 k::DescribeClusterRequest k::DescribeClusterResponse,
            61 k::DescribeProducersRequest k::DescribeProducersResponse,
            64 k::UnregisterBrokerRequest k::UnregisterBrokerResponse,
            65 k::DescribeTransactionsRequest k::DescribeTransactionsResponse,
            66 k::ListTransactionsRequest k::ListTransactionsResponse,
            68 k::ConsumerGroupHeartbeatRequest k::ConsumerGroupHeartbeatResponse,
            69 k::ConsumerGroupDescribeRequest k::ConsumerGroupDescribeResponse,
            71 k::GetTelemetrySubscriptionsRequest k::GetTelemetrySubscriptionsResponse,
            72 k::PushTelemetryRequest k::PushTelemetryResponse,
            74 k::ListConfigResourcesRequest k::ListConfigResourcesResponse,
            75 k::DescribeTopicPartitionsRequest k::DescribeTopicPartitionsResponse,
            76 k::ShareGroupHeartbeatRequest k::ShareGroupHeartbeatResponse,
            77 k::ShareGroupDescribeRequest k::ShareGroupDescribeResponse,
            78 ShareFetchRequest ShareFetchResponse,
            79 ShareAcknowledgeRequest ShareAcknowledgeResponse,
            80 AddRaftVoterRequest k::AddRaftVoterResponse,
            81 k::RemoveRaftVoterRequest k::RemoveRaftVoterResponse,
            83 k::InitializeShareGroupStateRequest k::InitializeShareGroupStateResponse,
            84 k::ReadShareGroupStateRequest k::ReadShareGroupStateResponse,
            85 WriteShareGroupStateRequest WriteShareGroupStateResponse,
            86 k::DeleteShareGroupStateRequest k::DeleteShareGroupStateResponse,
            87 ReadShareGroupStateSummaryRequest ReadShareGroupStateSummaryResponse,
            88 StreamsGroupHeartbeatRequest StreamsGroupHeartbeatResponse,
            89 StreamsGroupDescribeRequest StreamsGroupDescribeResponse,
            90 DescribeShareGroupOffsetsRequest DescribeShareGroupOffsetsResponse,
            91 k::AlterShareGroupOffsetsRequest k::AlterShareGroupOffsetsResponse,
            92 k::DeleteShareGroupOffsetsRequest k::DeleteShareGroupOffsetsResponse,
            93 StreamsGroupTopologyDescriptionUpdateRequest StreamsGroupTopologyDescriptionUpdateResponse,
            94 UnregisterControllerRequest UnregisterControllerResponse,
        }
    };
}

macro_rules! requests {
    ($($key:literal $($request:ident)::+ $($response:ident)::+,)*) => {
        $({
            let message = request($key).unwrap();
            for version in message.versions.first..=message.versions.last {
                round_trip::<$($request)::+>(message, version, request_layout($key, version));
            }
        })*
    };
}

macro_rules! responses {
    ($($key:literal $($request:ident)::+ $($response:ident)::+,)*) => {
        $({
            let message = response($key).unwrap();
            let versions = request($key).unwrap().versions;
            for version in versions.first..=versions.last {
                round_trip::<$($response)::+>(message, version, response_layout($key, version));
            }
        })*
    };
}

#[test]
fn every_request_decodes_at_every_version() {
    every_api!(requests);
}

#[test]
fn every_response_encodes_at_every_version() {
    every_api!(responses);
}

/// Responses whose versions differ in shape: handlers fill the right one.
const SHAPED_BY_HANDLERS: [&str; 3] = ["OffsetFetch", "FindCoordinator", "AddPartitionsToTxn"];

/// A response filled for the newest version encodes at every older one, and so that clients of
/// that version can parse it.
fn fits<T: Decodable + Encodable + Fit + Clone + Debug>(message: &'static Message) {
    let newest = request(message.key).unwrap().versions.last;
    for fill in [Fill::Empty, Fill::Full] {
        let mut sample = Bytes::from(Sample::new(message, newest, fill).bytes);
        let filled = T::decode(&mut sample, response_layout(message.key, newest)).unwrap();
        for version in message.versions.first..=newest {
            if fill == Fill::Full && SHAPED_BY_HANDLERS.contains(&message.name) {
                continue;
            }
            let mut response = filled.clone();
            response.fit(version);
            let mut body = Vec::new();
            let encoded = response.encode(&mut body, response_layout(message.key, version));
            assert!(
                encoded.is_ok(),
                "{} v{version} {fill:?}: {encoded:?}",
                message.name
            );
            assert_eq!(
                check_response(message.key, version, &body),
                Ok(()),
                "{fill:?}"
            );
        }
    }
}

macro_rules! fitting {
    ($($key:literal $($request:ident)::+ $($response:ident)::+,)*) => {
        $(fits::<$($response)::+>(response($key).unwrap());)*
    };
}

#[test]
fn a_filled_response_fits_every_version() {
    every_api!(fitting);
}

macro_rules! decoders {
    ($($key:literal $($request:ident)::+ $($response:ident)::+,)*) => {
        /// Decodes any request; `None` if there is no type for it.
        fn decode(key: i16, version: i16, body: &[u8]) -> Option<anyhow::Result<()>> {
            let mut body = Bytes::copy_from_slice(body);
            let layout = request_layout(key, version);
            match key {
                $($key => Some(<$($request)::+>::decode(&mut body, layout).map(drop)),)*
                _ => None,
            }
        }
    };
}
every_api!(decoders);

/// One damage to a frame; places are fractions of its length.
#[derive(Debug, Clone)]
enum Damage {
    Set(u16, u8),
    Flip(u16, u8),
    Insert(u16, u8),
    Remove(u16),
    Cut(u16),
}

impl Damage {
    fn apply(&self, frame: &mut Vec<u8>) {
        let place = |at: u16| usize::from(at) * frame.len() / 0x1_0000;
        match *self {
            Self::Insert(at, byte) => frame.insert(place(at), byte),
            _ if frame.is_empty() => {}
            Self::Set(at, byte) => {
                let at = place(at);
                frame[at] = byte;
            }
            Self::Flip(at, bit) => {
                let at = place(at);
                frame[at] ^= 1 << (bit % 8);
            }
            Self::Remove(at) => drop(frame.remove(place(at))),
            Self::Cut(at) => frame.truncate(place(at)),
        }
    }
}

fn damage() -> impl Strategy<Value = Damage> {
    let byte = prop_oneof![
        Just(0),
        Just(1),
        Just(0x7F),
        Just(0x80),
        Just(0xFF),
        any::<u8>()
    ];
    let set = (any::<u16>(), byte).prop_map(|(at, byte)| Damage::Set(at, byte));
    let flip = (any::<u16>(), any::<u8>()).prop_map(|(at, bit)| Damage::Flip(at, bit));
    let insert = (any::<u16>(), any::<u8>()).prop_map(|(at, byte)| Damage::Insert(at, byte));
    let remove = any::<u16>().prop_map(Damage::Remove);
    let cut = any::<u16>().prop_map(Damage::Cut);
    prop_oneof![4 => set, 2 => flip, 1 => insert, 1 => remove, 1 => cut]
}

/// What the guard admits decodes.
fn check_guarded(message: &Message, version: i16, body: &[u8]) {
    let Ok(admitted) = admit(message.key, version, Bytes::copy_from_slice(body)) else {
        return;
    };
    if let Some(Err(error)) = decode(message.key, version, &admitted) {
        panic!(
            "{} v{version}: {error}: {body:x?}, admitted {admitted:x?}",
            message.name
        );
    }
}

proptest! {
    #![proptest_config(crate::property::cases(256))]

    #[test]
    fn damaged_requests_are_refused_or_decoded(
        damages in proptest::collection::vec(damage(), 1..6),
    ) {
        for (message, version) in requests() {
            for fill in [Fill::Empty, Fill::Full] {
                let mut body = Sample::new(message, version, fill).bytes;
                damages.iter().for_each(|damage| damage.apply(&mut body));
                check_guarded(message, version, &body);
            }
        }
    }

    #[test]
    fn noise_is_refused_or_decoded(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        for (message, version) in requests() {
            check_guarded(message, version, &body);
        }
    }

    #[test]
    fn headers_never_panic(frame in proptest::collection::vec(any::<u8>(), 0..40), key in 0_i16..95) {
        drop(parse_header(&mut Bytes::from(frame.clone())));
        let keyed = [&key.to_be_bytes()[..], &frame].concat();
        drop(parse_header(&mut Bytes::from(keyed)));
    }
}
