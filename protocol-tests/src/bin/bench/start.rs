//! Starts, and the first record after one.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use protocol_tests::clock;
use protocol_tests::codec::bytes::hex;
use protocol_tests::records::{Batch, Record};
use serde_json::{Value, json};

use crate::comparison::Run;
use crate::exchange::{Versions, connect, decoded, exchanged, frame};
use crate::figures::Spread;
use crate::peer::How;
use crate::requests::is_good;
use crate::server::{PATIENCE, Server};

const METADATA: i16 = 9;
const CREATE_TOPICS: i16 = 5;
const PRODUCE: i16 = 9;
const FETCH: i16 = 11;

/// A start takes these so long until it is done once.
const SLOW: Duration = Duration::from_secs(1);

/// In a process of its own: until Metadata is answered, what is resident then, and the first record.
pub(crate) fn process(run: &mut Run<'_>) -> Result<()> {
    let (mut answered, mut spent) = (Vec::new(), Vec::new());
    let (mut resident, mut first) = (Vec::new(), Vec::new());
    for _ in 0..run.sizes.starts {
        let server = run.peer.fresh(&[])?;
        let taken = server.answered.context("a start")?;
        answered.push(millis(taken));
        spent.push(millis(server.cpu()?));
        resident.push(server.resident_bytes()?);
        let topic = run.topic();
        let versions = run.peer.versions(&server)?;
        first.push(millis(first_record(&server, &versions, &topic)?));
        if taken > SLOW {
            break;
        }
    }
    for (row, unit, measured) in [
        ("process start to Metadata answered", "ms", answered),
        ("process start to Metadata answered, CPU", "CPU ms", spent),
        (
            "then create a topic, produce 1 and fetch 1 record",
            "ms",
            first,
        ),
        (
            "resident when idle",
            "MiB",
            resident
                .into_iter()
                .map(|bytes| bytes / f64::from(1 << 20))
                .collect(),
        ),
    ] {
        run.add(row, unit, Spread::of(&measured).context("a start")?.median);
    }
    Ok(())
}

pub(crate) fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// A topic, a record into it and out of it, over one connection; requests are written down before.
fn first_record(server: &Server, versions: &Versions, topic: &str) -> Result<Duration> {
    let requests = Requests::new(versions, topic)?;
    let mut stream = connect(&server.address)?;
    let started = clock::now();
    exchanged(&mut stream, &requests.create)?;
    loop {
        let answer = exchanged(&mut stream, &requests.produce)?;
        if is_good(&decoded("Produce", requests.versions.0, &answer)?) {
            break;
        }
        ensure!(clock::now() - started < PATIENCE, "no topic {topic}");
    }
    let answer = exchanged(&mut stream, &requests.fetch)?;
    let taken = clock::now() - started;
    let answer = decoded("Fetch", requests.versions.1, &answer)?;
    let records = answer.pointer("/responses/0/partitions/0/records");
    ensure!(
        is_good(&answer) && records.is_some_and(|records| !records.is_null()),
        "Fetch answered {answer}"
    );
    Ok(taken)
}

struct Requests {
    create: Vec<u8>,
    produce: Vec<u8>,
    fetch: Vec<u8>,
    /// Of Produce and Fetch.
    versions: (i16, i16),
}

impl Requests {
    /// Where topics cannot be made, asking about one makes it.
    fn new(versions: &Versions, topic: &str) -> Result<Self> {
        let create = if let Ok(version) = versions.newest("CreateTopics", CREATE_TOPICS) {
            let row = json!({"name": topic, "numPartitions": 1, "replicationFactor": 1});
            let body = json!({"topics": [row], "timeoutMs": 60000});
            frame("CreateTopics", version, &body)?
        } else {
            let version = versions.newest("Metadata", METADATA)?;
            let body = json!({"topics": [{"name": topic}], "allowAutoTopicCreation": true});
            frame("Metadata", version, &body)?
        };
        let found = (
            versions.newest("Produce", PRODUCE)?,
            versions.newest("Fetch", FETCH)?,
        );
        let batch = hex(&Batch::new(vec![Record::of("v")]).bytes());
        let data = json!([{"index": 0, "records": batch}]);
        let topics = json!([{"name": topic, "partitionData": data}]);
        let body = json!({"acks": -1, "timeoutMs": 10000, "topicData": topics});
        let produce = frame("Produce", found.0, &body)?;
        let partition = json!({"partition": 0, "fetchOffset": 0, "partitionMaxBytes": 1 << 20});
        let body = json!({
            "maxWaitMs": 1000, "minBytes": 1, "maxBytes": i32::MAX, "sessionId": 0, "sessionEpoch": -1,
            "topics": [{"topic": topic, "partitions": [partition]}],
        });
        Ok(Self {
            create,
            produce,
            fetch: frame("Fetch", found.1, &body)?,
            versions: found,
        })
    }
}

/// In this process: until Metadata is answered.
pub(crate) fn embedded(run: &mut Run<'_>) -> Result<()> {
    ensure!(
        matches!(run.peer.how, How::Fauxka(_)),
        "only Fauxka can be embedded here"
    );
    let request = frame("Metadata", 4, &json!({"topics": []}))?;
    let mut measured = Vec::new();
    for _ in 0..run.sizes.starts {
        let started = clock::now();
        let broker = fauxka::Broker::builder().start_blocking()?;
        let answer = exchanged(&mut connect(broker.bootstrap())?, &request)?;
        measured.push(millis(clock::now() - started));
        let answer = decoded("Metadata", 4, &answer)?;
        let brokers = answer.get("brokers").and_then(Value::as_array);
        ensure!(
            brokers.is_some_and(|brokers| !brokers.is_empty()),
            "{answer}"
        );
    }
    let taken = Spread::of(&measured).context("a start")?.median;
    run.add("embedded: start to Metadata answered", "ms", taken);
    Ok(())
}
