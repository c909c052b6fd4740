//! Requests, written by hand in old versions, which are short.

use crate::broker::Frame;
use crate::tables;

/// A request of an API by its key.
pub(crate) fn frame(key: i16, version: i16, body: &[u8]) -> Vec<u8> {
    let message = tables::REQUESTS.iter().find(|message| message.key == key);
    Frame::new(message.unwrap(), version, body).bytes
}

fn string(text: &str) -> Vec<u8> {
    let length = u16::try_from(text.len()).unwrap().to_be_bytes();
    [&length, text.as_bytes()].concat()
}

/// CreateTopics v4: a topic with so many partitions, and one setting if there is one.
pub(crate) fn create_topic(name: &str, partitions: u32, setting: Option<(&str, &str)>) -> Vec<u8> {
    let mut body = vec![0, 0, 0, 1];
    body.extend(string(name));
    body.extend(partitions.to_be_bytes());
    body.extend([0, 1, 0, 0, 0, 0]);
    body.extend(u32::from(setting.is_some()).to_be_bytes());
    if let Some((name, value)) = setting {
        body.extend(string(name));
        body.extend(string(value));
    }
    body.extend([0, 0, 0x75, 0x30, 0]);
    frame(19, 4, &body)
}

/// DeleteTopics v1.
pub(crate) fn delete_topics(names: &[String]) -> Vec<u8> {
    let mut body = u32::try_from(names.len()).unwrap().to_be_bytes().to_vec();
    names.iter().for_each(|name| body.extend(string(name)));
    body.extend([0, 0, 0x75, 0x30]);
    frame(20, 1, &body)
}

/// DeleteRecords v0: all of partition 0.
pub(crate) fn delete_records(topic: &str) -> Vec<u8> {
    let mut body = vec![0, 0, 0, 1];
    body.extend(string(topic));
    body.extend([0, 0, 0, 1, 0, 0, 0, 0]);
    body.extend((-1_i64).to_be_bytes());
    body.extend([0, 0, 0x75, 0x30]);
    frame(21, 0, &body)
}

/// A batch around what its checksum covers.
pub(crate) fn batch(sealed: &[u8]) -> Vec<u8> {
    let mut batch = vec![0; 8];
    batch.extend(u32::try_from(sealed.len() + 9).unwrap().to_be_bytes());
    batch.extend([0, 0, 0, 0, 2]);
    batch.extend(crc32c::crc32c(sealed).to_be_bytes());
    batch.extend(sealed);
    batch
}

/// Produce v7 to partition 0: one batch with one record whose value has that length, from a producer if there is one.
pub(crate) fn produce(topic: &str, value: usize, producer: Option<u64>) -> Vec<u8> {
    let mut record = vec![0, 0, 0, 1];
    record.extend(zigzag(value));
    record.resize(record.len() + value, b'v');
    record.push(0);
    let records = [zigzag(record.len()), record].concat();
    let mut sealed = vec![0; 6];
    // Timestamps: as of now, so that retention by time lets them be.
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
    let now = u64::try_from(now).unwrap().to_be_bytes();
    sealed.extend(now);
    sealed.extend(now);
    match producer {
        Some(id) => {
            sealed.extend(id.to_be_bytes());
            sealed.extend([0; 6]);
        }
        None => sealed.extend([0xff; 14]),
    }
    sealed.extend(1_u32.to_be_bytes());
    sealed.extend(records);
    let batch = batch(&sealed);
    let mut body = vec![0xff, 0xff, 0, 1];
    body.extend(30_000_u32.to_be_bytes());
    body.extend(1_u32.to_be_bytes());
    body.extend(string(topic));
    body.extend(1_u32.to_be_bytes());
    body.extend(0_u32.to_be_bytes());
    body.extend(u32::try_from(batch.len()).unwrap().to_be_bytes());
    body.extend(batch);
    frame(0, 7, &body)
}

fn zigzag(number: usize) -> Vec<u8> {
    crate::sample::varint(u32::try_from(number * 2).unwrap())
}

/// The error code of the one partition that was produced to.
pub(crate) fn produced(answer: &[u8]) -> i16 {
    crate::batches::error(answer)
}

/// Fetch v7 of partition 0, up to so many bytes; as a session's first request or without one.
pub(crate) fn fetch(topic: &str, offset: u64, bytes: u32, begins_session: bool) -> Vec<u8> {
    let mut body = vec![0xff, 0xff, 0xff, 0xff];
    // It waits for nothing.
    body.extend([0; 8]);
    body.extend(bytes.to_be_bytes());
    body.push(0);
    body.extend(0_u32.to_be_bytes());
    body.extend(if begins_session { 0_i32 } else { -1 }.to_be_bytes());
    body.extend(1_u32.to_be_bytes());
    body.extend(string(topic));
    body.extend(1_u32.to_be_bytes());
    body.extend(0_u32.to_be_bytes());
    body.extend(offset.to_be_bytes());
    body.extend((-1_i64).to_be_bytes());
    body.extend(bytes.to_be_bytes());
    body.extend(0_u32.to_be_bytes());
    frame(1, 7, &body)
}

/// InitProducerId v1.
pub(crate) fn init_producer(transactional_id: Option<&str>) -> Vec<u8> {
    let mut body = transactional_id.map_or_else(|| vec![0xff, 0xff], string);
    body.extend(60_000_u32.to_be_bytes());
    frame(22, 1, &body)
}

/// FindCoordinator v1 of a group (0) or a transactional id (1).
pub(crate) fn find_coordinator(key: &str, kind: u8) -> Vec<u8> {
    frame(10, 1, &[string(key), vec![kind]].concat())
}

/// OffsetCommit v2 by nobody's member, which makes the group.
pub(crate) fn commit(group: &str, topic: &str) -> Vec<u8> {
    let mut body = string(group);
    body.extend((-1_i32).to_be_bytes());
    body.extend(string(""));
    body.extend((-1_i64).to_be_bytes());
    body.extend(1_u32.to_be_bytes());
    body.extend(string(topic));
    body.extend(1_u32.to_be_bytes());
    body.extend([0; 12]);
    body.extend(string(""));
    frame(8, 2, &body)
}

/// DeleteGroups v0.
pub(crate) fn delete_groups(groups: &[String]) -> Vec<u8> {
    let mut body = u32::try_from(groups.len()).unwrap().to_be_bytes().to_vec();
    groups.iter().for_each(|group| body.extend(string(group)));
    frame(42, 0, &body)
}

/// ApiVersions v0.
pub(crate) fn api_versions() -> Vec<u8> {
    frame(18, 0, b"")
}
