//! What the page about streams groups shows is what the program prints: two members of an application join, and each block is the
//! output of its command. `BLESS=docs` writes the page's blocks anew.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

const PAGE: &str = include_str!("../docs/streams-groups.md");
const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/streams-groups.md");

/// The blocks that the page marks, and what prints them.
const OUTPUTS: &[(&str, &[&str])] = &[
    ("show", &["group", "show", "counts"]),
    (
        "journal",
        &["journal", "--kind", "tasks_assigned", "--group", "counts"],
    ),
    ("clock", &["clock", "show"]),
];

const GROUP: &str = "counts";
const CHANGELOG: &str = "counts-store-changelog";
const FIND_COORDINATOR: i16 = 10;
const STREAMS_GROUP_HEARTBEAT: i16 = 88;

/// The cluster that the page starts.
struct Cluster {
    program: Child,
    bootstrap: String,
    control: String,
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

impl Cluster {
    fn start() -> Self {
        let mut lines = PAGE.lines();
        let line = lines
            .find(|line| line.starts_with("fauxka --clock"))
            .unwrap();
        let options = line.trim_end_matches(" &").split(' ').skip(1);
        let mut program = Command::new(env!("CARGO_BIN_EXE_fauxka"))
            .args(options)
            .args(["--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"])
            .arg("--exit-with-parent")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        let mut out = BufReader::new(program.stdout.take().unwrap());
        out.read_line(&mut ready).unwrap();
        let word = |key: &str| {
            let mut words = ready.split_whitespace();
            words
                .find_map(|word| word.strip_prefix(key))
                .unwrap()
                .to_owned()
        };
        Self {
            bootstrap: word("bootstrap="),
            control: word("control="),
            program,
        }
    }

    fn says(&self, words: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_fauxka"))
            .args(words)
            .env("FAUXKA_CONTROL", &self.control)
            .output()
            .unwrap();
        assert!(output.status.success(), "{words:?}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }
}

/// A member of the application, in Kafka's bytes.
struct Member {
    stream: TcpStream,
    client: &'static str,
    id: &'static str,
    epoch: i32,
}

/// Fields of a request.
#[derive(Default)]
struct Fields(Vec<u8>);

impl Fields {
    fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn int16(self, number: i16) -> Self {
        self.raw(&number.to_be_bytes())
    }

    fn int32(self, number: i32) -> Self {
        self.raw(&number.to_be_bytes())
    }

    fn int64(self, number: i64) -> Self {
        self.raw(&number.to_be_bytes())
    }

    /// A compact list's or text's length; all of ours are short.
    fn length(self, length: usize) -> Self {
        let length = u8::try_from(length + 1).unwrap();
        assert!(length < 0x80);
        self.raw(&[length])
    }

    fn text(self, text: &str) -> Self {
        self.length(text.len()).raw(text.as_bytes())
    }

    /// A list, a text or a structure's tags of which there is nothing.
    fn none(self) -> Self {
        self.raw(&[0])
    }

    fn no_structure(self) -> Self {
        self.raw(&[0xff])
    }

    /// Counts the records of `orders`.
    fn topology(self) -> Self {
        let fields = self.raw(&[1]).int32(0).length(1).text("0");
        let fields = fields.length(1).text("orders").length(0);
        let changelog = fields.length(1).text(CHANGELOG).int32(0).int16(-1);
        let rest = changelog.length(0).none().length(0).length(0).length(0);
        rest.none().none()
    }

    fn tasks(self, partitions: &[i32]) -> Self {
        if partitions.is_empty() {
            return self.length(0);
        }
        let fields = self.length(1).text("0").length(partitions.len());
        let fields = partitions
            .iter()
            .fold(fields, |fields, index| fields.int32(*index));
        fields.none()
    }

    fn offsets(self, offsets: &[(i32, i64)]) -> Self {
        if offsets.is_empty() {
            return self.none();
        }
        let fields = self.length(offsets.len());
        offsets.iter().fold(fields, |fields, (partition, offset)| {
            fields.text("0").int32(*partition).int64(*offset).none()
        })
    }
}

/// What a member says besides its name.
#[derive(Default)]
struct Said<'a> {
    /// Active and standby tasks; none if it says nothing of them.
    runs: Option<(&'a [i32], &'a [i32])>,
    reached: &'a [(i32, i64)],
    ends: &'a [(i32, i64)],
}

impl Member {
    fn new(cluster: &Cluster, client: &'static str, id: &'static str) -> Self {
        let stream = TcpStream::connect(&cluster.bootstrap).unwrap();
        let mut member = Self {
            stream,
            client,
            id,
            epoch: 0,
        };
        let group = i16::try_from(GROUP.len()).unwrap();
        let find = Fields::default().int16(group).raw(GROUP.as_bytes());
        member.ask((FIND_COORDINATOR, 0), find);
        member
    }

    fn ask(&mut self, (api, version): (i16, i16), body: Fields) -> Vec<u8> {
        let client = i16::try_from(self.client.len()).unwrap();
        let header = Fields::default().int16(api).int16(version).int32(7);
        let header = header.int16(client).raw(self.client.as_bytes());
        let header = if api == STREAMS_GROUP_HEARTBEAT {
            header.none()
        } else {
            header
        };
        let frame = header.raw(&body.0).0;
        let size = i32::try_from(frame.len()).unwrap();
        self.stream.write_all(&size.to_be_bytes()).unwrap();
        self.stream.write_all(&frame).unwrap();
        let mut size = [0; 4];
        self.stream.read_exact(&mut size).unwrap();
        let mut answer = vec![0; usize::try_from(i32::from_be_bytes(size)).unwrap()];
        self.stream.read_exact(&mut answer).unwrap();
        answer
    }

    fn beat(&mut self, said: &Said<'_>) {
        let joins = self.epoch == 0;
        let fields = Fields::default().text(GROUP).text(self.id);
        let fields = fields.int32(self.epoch).int32(0).none().none();
        let fields = fields.int32(if joins { 300_000 } else { -1 });
        let fields = if joins {
            fields.topology()
        } else {
            fields.no_structure()
        };
        let fields = match said.runs {
            Some((active, standby)) => fields.tasks(active).tasks(standby).tasks(&[]),
            None => fields.none().none().none(),
        };
        let fields = if joins {
            fields.text(self.client)
        } else {
            fields.none()
        };
        let fields = fields.no_structure().none();
        let fields = fields.offsets(said.reached).offsets(said.ends);
        let answer = self.ask((STREAMS_GROUP_HEARTBEAT, 1), fields.none().none());
        // Correlation id, tags, throttle time, error, its message.
        assert_eq!(
            answer[9..11],
            [0, 0],
            "{:?}",
            String::from_utf8_lossy(&answer)
        );
        assert_eq!(answer[11], 0);
        let epoch_at = 12 + usize::from(answer[12]);
        let epoch: [u8; 4] = answer[epoch_at..epoch_at + 4].try_into().unwrap();
        self.epoch = i32::from_be_bytes(epoch);
    }
}

/// What the page's blocks show, as the page has it and as it is.
fn shown(cluster: &Cluster) -> Vec<(&'static str, String)> {
    let outputs = OUTPUTS.iter().map(|(name, words)| {
        let said = cluster.says(words);
        // Of the clock, what it shows by itself recurs, and the time of day is the machine's.
        let table = said.find("AT_MS").map_or(&*said, |at| &said[at..]);
        let lines = table.lines().map(str::trim_end);
        let lines = lines.filter(|line| !line.ends_with("true"));
        let lines: String = lines.map(|line| format!("{line}\n")).collect();
        (*name, lines)
    });
    outputs.collect()
}

#[test]
fn the_page_shows_what_is_printed() {
    let cluster = Cluster::start();
    let joins = Said {
        runs: Some((&[], &[])),
        ..Said::default()
    };
    let mut first = Member::new(&cluster, "first", "Kx2vPq3ZR0mJ7aWc5dYtFg");
    first.beat(&joins);
    // By now the changelog has been made.
    first.beat(&Said::default());
    first.beat(&Said {
        runs: Some((&[0, 1], &[])),
        reached: &[(0, 40), (1, 25)],
        ends: &[(0, 40), (1, 25)],
    });
    cluster.says(&["clock", "advance", "12s"]);
    let mut second = Member::new(&cluster, "second", "Zr8nB1oLQbW4sHu6eTiMkA");
    second.beat(&joins);
    second.beat(&Said {
        reached: &[(0, 10)],
        ends: &[(0, 40)],
        ..Said::default()
    });
    first.beat(&Said::default());
    let mut page = PAGE.to_owned();
    for (name, lines) in shown(&cluster) {
        let (before, rest) = page
            .split_once(&format!("<!-- output: {name} -->\n```text\n"))
            .unwrap();
        let (block, after) = rest.split_once("```").unwrap();
        if std::env::var("BLESS").is_ok_and(|what| what == "docs") {
            page = format!("{before}<!-- output: {name} -->\n```text\n{lines}```{after}");
            std::fs::write(PATH, &page).unwrap();
        } else {
            assert_eq!(block, lines, "{name}");
        }
    }
}
