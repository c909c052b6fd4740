//! The commands that ask a running cluster: each does what it says, and every verb of the control
//! port has one.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "what passes requests on is no part of the program"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::Value as Json;

/// A program that ends with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn fauxka(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fauxka"));
    command
        .args(arguments)
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Starts the program, and gives what it prints.
fn start(arguments: &[&str]) -> (Program, BufReader<ChildStdout>) {
    let mut child = fauxka(arguments).spawn().unwrap();
    let out = BufReader::new(child.stdout.take().unwrap());
    (Program(child), out)
}

/// A cluster of three nodes, and the address of its control port.
fn cluster() -> (Program, String) {
    let (program, mut out) = start(&[
        "--listen",
        "127.0.0.1:0",
        "--control",
        "127.0.0.1:0",
        "--nodes",
        "3",
        "--topic",
        "t:1:3",
        "--max-log-bytes",
        "1GiB",
        "--sasl",
        "alice:secret",
        "--config",
        "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        "--aws-key",
        "AKIA1:secret",
        "--clock",
        "manual",
        "--seed",
        "1",
    ]);
    let mut ready = String::new();
    out.read_line(&mut ready).unwrap();
    let (_, control) = ready.split_once("control=http://").expect("a control port");
    let control = control.split(' ').next().unwrap().to_owned();
    (program, control)
}

/// Passes requests on to a control port, and remembers the method and path of each.
struct Recorder {
    url: String,
    seen: Arc<Mutex<BTreeSet<(String, String)>>>,
}

impl Recorder {
    fn new(control: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let seen = Arc::new(Mutex::new(BTreeSet::new()));
        let (control, remembered) = (control.to_owned(), Arc::clone(&seen));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                pass(stream, &control, &remembered);
            }
        });
        Self { url, seen }
    }
}

fn pass(mut client: TcpStream, control: &str, seen: &Mutex<BTreeSet<(String, String)>>) {
    let mut reader = BufReader::new(client.try_clone().unwrap());
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(reader.read_line(&mut head).unwrap() > 0, "{head}");
    }
    let (_, length) = head.split_once("Content-Length: ").unwrap();
    let length = length.lines().next().unwrap().parse().unwrap();
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut words = head.split(' ').map(str::to_owned);
    let asked = (words.next().unwrap(), words.next().unwrap());
    seen.lock().unwrap().insert(asked);
    let mut port = TcpStream::connect(control).unwrap();
    port.write_all(&[head.as_bytes(), &body].concat()).unwrap();
    // Anyone who follows the journal may go away in between.
    thread::spawn(move || io::copy(&mut port, &mut client));
}

/// What a command prints if all goes well, and what it complains of if not.
fn run(url: &str, command: &str) -> Result<String, String> {
    let mut arguments: Vec<&str> = command.split(' ').collect();
    arguments.extend(["--control", url]);
    let output = fauxka(&arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    if output.status.success() {
        Ok(text(output.stdout))
    } else {
        Err(text(output.stderr))
    }
}

/// Commands in the order in which they are given, and what each prints.
const GIVEN: &[(&str, &str)] = &[
    ("cluster", "log: 0 B of 1 GiB (0 %)"),
    ("cluster", "clock: manual"),
    ("cluster", "seed: 1"),
    ("wait --timeout 5s", ""),
    ("metrics", "fauxka_connections 0\n"),
    ("metrics --json", r#""samples":[{"labels":{},"value":0}]"#),
    ("clock show", "clock: manual"),
    ("clock advance 45s", "elapsed_ms: 45000"),
    (
        "clock advance 1ms --silent a* --silent *-b",
        "elapsed_ms: 45001",
    ),
    ("clock advance next --silent *", "elapsed_ms: 45001"),
    ("fault add --observe --name watch", "state: active"),
    ("fault list", "ID  STATE"),
    ("report", "watch), active: acted 0 times on 0 requests: {"),
    ("fault show 1", "state: active"),
    ("fault show watch", "id: 1"),
    ("fault wait watch --hits 0 --timeout 5s", "hits: 0"),
    ("fault release watch", "state: ended"),
    ("fault remove watch", ""),
    ("fault heal", ""),
    ("topic list", "NAME  ID"),
    ("topic list --json", r#"[{"name":"t""#),
    ("topic show t", "PARTITION  LEADER"),
    (
        "topic records t 0 --from 0 --max 5",
        "t-0: from 0 to 0, last stable offset 0, high watermark 0\n",
    ),
    ("topic records t --committed", "t-0: from 0 to 0"),
    ("topic records t 0 --json", r#"{"partition":{"partition":0"#),
    ("topic records t --json", r#"[{"partition":{"partition":0"#),
    (
        "topic create u --partitions 2 --replication 1 --config retention.ms=5",
        "name: u\n",
    ),
    (
        "topic alter u --partitions 3 --config cleanup.policy=compact --delete-config retention.ms",
        "partitions: 3",
    ),
    (
        "produce u one two --partition 1 --key k --header a=b --timestamp 5",
        "PARTITION  OFFSET\n1          0\n1          1\n",
    ),
    (
        "produce u /w== --base64 --key aw== --partition 0 --json",
        r#"{"records":[{"partition":0,"offset":0}]}"#,
    ),
    (
        "produce u --tombstone --key k --partition 2 --open-transaction x",
        "2          0\n",
    ),
    (
        "topic records u 1 --json",
        r#""timestamp":5,"key":"k","value":"one","headers":[{"key":"a","value":"b"}]"#,
    ),
    ("topic records u 0 --json", r#""value":{"base64":"/w=="}"#),
    ("topic records u 2 --json", r#""transaction":"open""#),
    ("transaction show x", "state: Ongoing"),
    ("transaction fence x", ""),
    ("topic delete u", ""),
    ("group commit g t 0 0 --metadata m", ""),
    ("group show g --json", r#""metadata":"m""#),
    ("reset", ""),
    ("advertise 1=localhost:32768 2=[::1]:32769", ""),
    ("topic recreate t", ""),
    ("partition lead t 0 2", ""),
    ("topic show t --json", r#""leader":2"#),
    ("partition lead t 0 3 --unclean --end 0", ""),
    ("topic show t --json", r#""leader":3"#),
    ("partition lead t 0 2", ""),
    ("partition fall-behind t 0 1", ""),
    ("topic show t --json", r#""in_sync_replicas":[2,3]"#),
    ("partition catch-up t 0 1", ""),
    ("topic show t --json", r#""in_sync_replicas":[1,2,3]"#),
    ("partition hold-high-watermark t 0", ""),
    ("partition release-high-watermark t 0", ""),
    ("partition hold-reassignment t 0", ""),
    ("partition release-reassignment t 0", ""),
    ("partition raise-log-start t 0 0", ""),
    ("partition expire-producer t 0", ""),
    ("group list", ""),
    ("group list --json", "[]"),
    ("transaction list", ""),
    ("transaction markers hold", ""),
    ("transaction markers release", ""),
    ("metadata freeze 2", ""),
    ("user list", "alice  PLAIN"),
    ("user add bob:se:cret", ""),
    ("user list --json", r#"{"name":"bob","mechanisms":["PLAIN""#),
    ("user remove bob", ""),
    ("user expire alice", "sessions: 0"),
    ("cert list --json", "[]"),
    (
        "acl add --principal User:bob --operation Read --topic t",
        "",
    ),
    (
        "acl add --principal User:bob --operation Write --group g- --prefixed --deny --host 10.0.0.0/8",
        "",
    ),
    ("acl list", "User:bob"),
    (
        "acl list --principal User:bob --permission Deny --operation Write --resource-type Group --resource g- --pattern \
         Prefixed --host 10.0.0.0/8 --json",
        r#"[{"principal":"User:bob","permission":"Deny""#,
    ),
    (
        "acl why --principal User:bob --operation Describe --topic t",
        "why: ACL: Allow User:bob to Read Topic t from host *",
    ),
    (
        "acl why --principal User:bob --operation Write --group g-1 --host 10.1.2.3",
        "is_allowed: false",
    ),
    (
        "acl remove --principal User:bob --permission Deny --operation Write --resource-type Group --resource g- --pattern \
         Prefixed --host 10.0.0.0/8 --json",
        r#"[{"principal":"User:bob","permission":"Deny""#,
    ),
    ("acl remove --all --json", r#""operation":"Read""#),
    ("access-key list", "AKIA1"),
    (
        "access-key add ASIA2:secret --principal arn:aws:sts::123456789012:assumed-role/a/b --session-token t --expires-in 15m",
        "",
    ),
    ("access-key remove ASIA2", ""),
    (
        "policy put everything ../../broker/tests/program/everything.json --principal arn:aws:iam::123456789012:user/a",
        "",
    ),
    (
        "policy attach everything arn:aws:iam::123456789012:role/b",
        "",
    ),
    ("policy list", "role/b"),
    (
        "policy detach everything arn:aws:iam::123456789012:role/b",
        "",
    ),
    ("policy remove everything", ""),
    ("aws", "BootstrapBrokerStringSaslIam localhost:32768,"),
    ("node stop 3", "up: false"),
    ("node start 3", "up: true"),
    ("node pause 3", ""),
    ("node resume 3", ""),
    ("node add --rack b", "id: 4"),
    ("node remove 4", ""),
    ("node rolling-restart", ""),
    ("journal", "topic t created, partitions: 1\n"),
    ("journal --tail 1 --not-api Fetch --since 1h", "#"),
    ("journal --all --color always", "\x1b[36mtopic t created"),
    (
        "journal --kind node_started --limit 1 --json",
        r#"{"rows":[{"#,
    ),
    (
        "journal --kind topic_created --lines",
        "\"topic\":\"t\",\"partitions\":1}\n{",
    ),
    (
        "journal wait --kind node_stopped --count 4 --timeout 5s",
        "node 3 stopped\n",
    ),
    (
        "journal wait --count 0 --api Produce --client-id c --principal User:p --connection 1 --node 1 --topic t \
         --partition 0 --group g --member m --transactional-id x --producer-id 1 \
         --error NOT_COORDINATOR --failed --applied no --rule r --after 1",
        "",
    ),
    (
        "journal --api Produce --client-id c --principal User:p --connection 1 --node 1 --topic t \
         --partition 0 --group g --member m --transactional-id x --producer-id 1 \
         --error NOT_COORDINATOR --failed --applied no --rule r --after 1",
        "",
    ),
    ("journal --failed=false", ""),
    ("snapshot take before", "name: before\n"),
    ("snapshot list", "NAME    TAKEN_AT  "),
    ("partition lead t 0 3", ""),
    ("snapshot save commands.fauxka", ""),
    ("snapshot restore before", ""),
    ("topic show t --json", r#""leader":1"#),
    ("snapshot restore ./commands.fauxka", ""),
    ("topic show t --json", r#""leader":3"#),
    ("snapshot forget before", ""),
    ("snapshot list", ""),
    ("journal --kind restored", "restored taken_at_ms="),
    ("recording start", "running: true"),
    ("recording show", "running: true"),
    ("recording fetch commands-fetched.run --force", ""),
    ("recording stop", "running: false"),
    (
        "recording start --file commands.run --force --max-bytes 1000000 --reset",
        "file: commands.run",
    ),
    ("recording stop --json", r#""ended":null"#),
    ("journal --kind recording_began", "recording_began"),
    ("reset --only faults", ""),
    ("journal clear", ""),
    ("journal --json", r#"{"rows":[],"#),
];

/// Commands that the port refuses, and how; the words are its own.
const REFUSED: &[(&str, &str)] = &[
    ("fault add --api Fetch", "the rule does nothing"),
    ("topic show a/b", "there is no topic a/b"),
    (
        "topic create t",
        "TOPIC_ALREADY_EXISTS: Topic 't' already exists.",
    ),
    ("topic alter t --partitions 1", "INVALID_PARTITIONS: "),
    ("topic alter t", "--partitions"),
    ("topic delete a/b", "UNKNOWN_TOPIC_OR_PARTITION: "),
    ("produce t a --partition 9", "UNKNOWN_TOPIC_OR_PARTITION: "),
    ("produce t ? --base64", "is not base64"),
    ("advertise 9=localhost:1", "there is no node 9"),
    ("partition lead t 0 9", "there is no node 9"),
    (
        "partition lead t 0 1 --end 0",
        "a log is cut only by an unclean leader",
    ),
    ("partition damage t 0 0", "not within the log"),
    ("partition expire-producer t 0 5", "producer 5"),
    ("partition raise-log-start t 0 1", "ends at 0"),
    ("group show g", "there is no group g"),
    ("group evict g m", "no group g"),
    ("group evict g --all", "there is no group g"),
    ("group evict g --client-id c", "there is no group g"),
    ("group evict g", "required arguments"),
    ("fault show none", "there is no fault rule \"none\""),
    ("fault heal --watch", "--watch is for what shows"),
    ("journal --not-api Fetsh", "did you mean Fetch?"),
    ("group rebalance g", "no group g"),
    ("transaction show x", "there is no transactional id x"),
    ("transaction fence x", "no transactional id x"),
    ("group move-coordinator g --loading soon", "not a duration"),
    ("group move-coordinator g --node 2 --loading 5s", "fauxka: "),
    ("group release-coordinator g", "fauxka: "),
    (
        "group move-share-coordinator g t 0 --node 2",
        "made when a member joins a share group",
    ),
    (
        "group release-share-coordinator g t 7",
        "there is no partition t-7",
    ),
    ("transaction move-coordinator x --node 2", "fauxka: "),
    ("transaction release-coordinator x", "fauxka: "),
    ("user add carol", "not USER:PASSWORD"),
    ("user add carol:", "a user needs a password"),
    ("user remove carol", "there is no user carol"),
    ("cert expire client", "no listener has TLS"),
    ("cert renew client", "no listener has TLS"),
    ("acl remove", "say which ACLs to remove"),
    (
        "acl remove --all --principal User:bob",
        "cannot be used with",
    ),
    (
        "acl add --principal bob --operation Read --topic t",
        "Could not parse principal",
    ),
    (
        "acl add --principal User:bob --operation Raed --topic t",
        "Read",
    ),
    ("acl add --principal User:bob --operation Read", "--topic"),
    ("node pause 9", "no node 9"),
    ("journal --api Prduce", "Produce"),
    ("journal --follow --kind nothing", "is no kind of row"),
    (
        "journal wait --kind leader_moved --timeout 1ms",
        "1 or more rows expected",
    ),
    ("snapshot take a.b", "letters, digits, - and _"),
    ("snapshot restore before", "there is no snapshot before"),
    ("snapshot forget before", "there is no snapshot before"),
    (
        "snapshot save no/folder.fauxka",
        "cannot write no/folder.fauxka",
    ),
    ("recording stop", "nothing is being recorded"),
    (
        "recording start --file no/folder.run",
        "no/folder.run cannot be written",
    ),
    ("recording start --file commands.run", "is there already"),
    (
        "recording fetch commands-fetched.run",
        "cannot write commands-fetched.run",
    ),
    // Refused before anyone is asked.
    ("recording start --force", "--file"),
    (
        "snapshot restore ./missing.fauxka",
        "cannot read ./missing.fauxka",
    ),
    ("journal --topic t clear", "cannot be used with"),
    // It makes the coordinator that those above have not found.
    ("group commit g a 0 5", "UNKNOWN_TOPIC_OR_PARTITION: "),
];

#[test]
fn every_verb_has_a_command_that_works() {
    let (_program, control) = cluster();
    let recorder = Recorder::new(&control);
    for (command, words) in GIVEN {
        let said = run(&recorder.url, command).unwrap_or_else(|why| panic!("{command}: {why}"));
        assert!(said.contains(words), "{command}: {said}");
        let says_nothing = words.is_empty() && !said.is_empty();
        assert!(
            !says_nothing || *command == "journal --failed=false",
            "{command}: {said}"
        );
    }
    for (command, words) in REFUSED {
        let why = run(&recorder.url, command).expect_err(command);
        assert!(why.contains(words), "{command}: {why}");
    }
    check_covered(&control, &recorder.seen.lock().unwrap());
}

#[test]
fn the_document_of_the_port_needs_no_cluster() {
    let printed = fauxka(&["openapi"]).output().unwrap().stdout;
    let printed: Json = serde_json::from_slice(&printed).unwrap();
    let (_program, control) = cluster();
    assert_eq!(printed, document(&control));
}

#[test]
fn the_journal_is_followed_until_the_cluster_ends() {
    let (mut program, control) = cluster();
    let url = format!("http://{control}");
    let (_follower, mut out) = start(&["journal", "--follow", "--control", &url]);
    let mut line = String::new();
    out.read_line(&mut line).unwrap();
    assert!(line.ends_with("topic t created, partitions: 1\n"), "{line}");
    run(&url, "node stop 2").unwrap();
    while !line.contains("node 2 stopped") {
        line.clear();
        assert!(out.read_line(&mut line).unwrap() > 0);
    }
    program.0.kill().unwrap();
    out.read_to_string(&mut line).unwrap();
}

/// Verbs without a command, and why.
const WITHOUT: &[(&str, &str)] = &[
    (
        "GET /healthz",
        "every command finds out whether the port answers",
    ),
    (
        "GET /v1/health",
        "for health checks; people have the READY line",
    ),
];

/// Each verb of the OpenAPI document, and each of its parameters, has been asked.
fn check_covered(control: &str, seen: &BTreeSet<(String, String)>) {
    let document = document(control);
    let mut missing = Vec::new();
    let mut described = BTreeMap::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            described.insert(format!("{} {path}", method.to_uppercase()), operation);
        }
    }
    let excepted = |verb: &str| WITHOUT.iter().any(|(without, _)| *without == verb);
    for (verb, operation) in described.iter().filter(|(verb, _)| !excepted(verb)) {
        let (method, path) = verb.split_once(' ').unwrap();
        let asked: Vec<&str> = seen
            .iter()
            .filter(|(by, at)| by == method && is_at(path, at))
            .map(|(_, at)| at.as_str())
            .collect();
        if asked.is_empty() {
            missing.push(verb.clone());
        }
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let name = parameter["name"].as_str().unwrap();
            let is_given =
                |at: &&str| at.contains(&format!("?{name}=")) || at.contains(&format!("&{name}="));
            if parameter["in"] == "query" && !asked.iter().any(is_given) {
                missing.push(format!("{verb} with {name}"));
            }
        }
    }
    assert!(missing.is_empty(), "no command asks {missing:?}");
    for (verb, why) in WITHOUT {
        assert!(described.contains_key(*verb), "{verb} ({why}) is no verb");
    }
}

/// Whether a request's path is one of a verb's; what stands in the verb's own words is not a name.
fn is_at(verb: &str, asked: &str) -> bool {
    let asked = asked.split('?').next().unwrap();
    let (verb, asked): (Vec<_>, Vec<_>) = (verb.split('/').collect(), asked.split('/').collect());
    let fits = |(part, at): (&&str, &&str)| part.starts_with('{') || part == at;
    verb.len() == asked.len() && verb.iter().zip(&asked).all(fits)
}

fn document(control: &str) -> Json {
    let mut stream = TcpStream::connect(control).unwrap();
    let request = format!("GET /v1/openapi.json HTTP/1.0\r\nHost: {control}\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    serde_json::from_str(body).unwrap()
}
