//! What the pages in `docs` show is run: the commands of each in the order of the page, on clusters that it
//! starts, and each recipe on a cluster that was just reset.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const GUIDE: &str = include_str!("../docs/guide.md");

/// The other pages, and how many lines of each are run at least.
const PAGES: &[(&str, &str, usize)] = &[
    ("README", include_str!("../../README.md"), 2),
    ("authorization", include_str!("../docs/authorization.md"), 9),
    #[cfg(feature = "tls")]
    ("listeners", include_str!("../docs/listeners.md"), 10),
    ("first-test", include_str!("../docs/first-test.md"), 1),
    (
        "long-lived-consumers",
        include_str!("../docs/long-lived-consumers.md"),
        4,
    ),
    ("running", include_str!("../docs/running.md"), 9),
    ("share-groups", include_str!("../docs/share-groups.md"), 11),
    (
        "streams-groups",
        include_str!("../docs/streams-groups.md"),
        11,
    ),
    ("test-suites", include_str!("../docs/test-suites.md"), 5),
    (
        "troubleshooting",
        include_str!("../docs/troubleshooting.md"),
        9,
    ),
];

/// What no test can start everywhere: package managers, runners of other languages, and what installs. Some of it is run by
/// `protocol-tests/clients/ways.py`.
const FOREIGN: &[&str] = &[
    ".",
    "cargo",
    "cd",
    "docker",
    "export",
    "go",
    "node",
    "npm",
    "pip",
    "pytest",
    "python3",
    "sha256sum",
    "tar",
];

/// Recipes that need the application's traffic, and what is said without it.
const WITHOUT_TRAFFIC: &[(&str, &str)] = &[
    ("group rebalance workers", "no members"),
    (
        "clock advance 60s --silent lost",
        "no group member has the client id lost",
    ),
];

/// What the recipes are about.
const CLUSTER: &str = r#"
    nodes = 3
    clock = "manual"
    topics = [{ name = "orders", replication = 3 }, { name = "bills" }, { name = "audit" }]
    offsets = [{ group = "workers", topic = "orders", partition = 0, offset = 0 }]
"#;

/// A cluster that a line of the page starts; it ends with this value.
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

/// A folder of a test's own.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Cluster {
    fn start(folder: &Folder, options: &[String]) -> Self {
        let mut given = options.to_vec();
        if !options.iter().any(|option| option == "--listener") {
            given.extend(["--listen", "127.0.0.1:0"].map(str::to_owned));
        }
        for option in &mut given {
            for port in ["9092", "9192"] {
                *option = option.replace(&format!("127.0.0.1:{port}"), "127.0.0.1:0");
            }
        }
        let mut program = Command::new(env!("CARGO_BIN_EXE_fauxka"))
            .args(given)
            .args(["--control", "127.0.0.1:0"])
            .arg("--exit-with-parent")
            .current_dir(&folder.0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        let mut out = BufReader::new(program.stdout.take().unwrap());
        out.read_line(&mut ready).unwrap();
        let word = |key: &str| {
            let word = ready
                .split_whitespace()
                .find_map(|word| word.strip_prefix(key));
            word.unwrap_or_else(|| panic!("{options:?}: {ready:?}"))
                .to_owned()
        };
        Self {
            bootstrap: word("bootstrap="),
            control: word("control=http://"),
            program,
        }
    }

    /// What a command prints if all goes well, and what it complains of if not.
    fn command(&self, folder: &Folder, mut words: Vec<String>) -> Result<String, String> {
        let into = words.iter().position(|word| word == ">");
        let into = into.map(|at| words.split_off(at)[1].clone());
        // Nobody sends anything here, and a journal that is followed has no end.
        if let Some(at) = words.iter().position(|word| word == "--timeout") {
            words[at + 1] = "1ms".to_owned();
        }
        if words.iter().any(|word| word == "--follow") {
            words.push("--help".to_owned());
        }
        for word in &mut words {
            *word = word.replace("localhost:9092", &self.bootstrap);
        }
        let output = Command::new(env!("CARGO_BIN_EXE_fauxka"))
            .args(&words)
            .env("FAUXKA_CONTROL", format!("http://{}", self.control))
            .current_dir(&folder.0)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let complaint = String::from_utf8(output.stderr).unwrap();
        assert_ne!(output.status.code(), Some(2), "{words:?}: {complaint}");
        if let Some(file) = into {
            fs::write(folder.0.join(file), &output.stdout).unwrap();
        }
        match output.status.success() {
            true => Ok(String::from_utf8(output.stdout).unwrap()),
            false => Err(complaint),
        }
    }

    /// The status and body of what `curl` would ask.
    fn curl(&self, words: &[String]) -> (u16, String) {
        let after = |option: &str| {
            let at = words.iter().position(|word| word == option);
            at.map(|at| words[at + 1].as_str())
        };
        let method = after("-X").unwrap_or("GET");
        let url = words.iter().find(|word| word.starts_with("localhost:9700"));
        let path = url.unwrap().strip_prefix("localhost:9700").unwrap();
        let body = after("-d").unwrap_or_default();
        let header = after("-H").map_or_else(String::new, |header| format!("{header}\r\n"));
        let host = &self.control;
        let length = body.len();
        let mut stream = TcpStream::connect(host).unwrap();
        write!(
            stream,
            "{method} {path} HTTP/1.0\r\nHost: {host}\r\n{header}Content-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
    }
}

/// A line in words, as a shell splits it.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for one in line.chars() {
        match quote {
            Some(open) if one == open => quote = None,
            None if one == '\'' || one == '"' => quote = Some(one),
            None if one == ' ' => words.push(std::mem::take(&mut word)),
            _ => word.push(one),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// A page's blocks of a language. What it shows of a file is run elsewhere, as that file.
fn blocks(page: &'static str, language: &str) -> impl Iterator<Item = &'static str> {
    let fence = format!("```{language}\n");
    let mut before = "";
    let blocks = page.split("\n```").map(move |part| {
        let is_file = before.ends_with("-->") && before.contains("<!-- file: ");
        before = part.lines().last().unwrap_or_default();
        let block = part.strip_prefix(&fence["```".len()..]);
        block.filter(|_| !is_file)
    });
    blocks.flatten()
}

/// Commands in the running text of a part of the page.
fn inline(part: &'static str) -> impl Iterator<Item = Vec<String>> {
    let quoted = part.lines().filter(|line| !line.starts_with("```"));
    let quoted = quoted.flat_map(|line| line.split('`').skip(1).step_by(2));
    let commands = quoted.filter_map(|code| code.strip_prefix("fauxka "));
    commands.map(words)
}

fn parts() -> (&'static str, &'static str) {
    GUIDE.split_once("## Recipes\n").unwrap()
}

/// Runs a page's lines in order; how many, and the cluster of the last ones.
fn run(name: &str, page: &'static str, folder: &Folder) -> (usize, Option<Cluster>) {
    let mut files = blocks(page, "toml");
    if let Some(file) = files.find(|file| file.contains("nodes = ")) {
        fs::write(folder.0.join("cluster.toml"), file).unwrap();
    }
    let mut cluster: Option<Cluster> = None;
    let mut count = 0;
    let blocks: Vec<_> = blocks(page, "sh").collect();
    for line in blocks.join("\n").replace("\\\n", "").lines() {
        let mut words = words(line);
        let program = words.remove(0);
        if FOREIGN.contains(&program.as_str()) {
            continue;
        }
        let starts = words.last().is_none_or(|word| word == "&")
            || words.first().is_some_and(|word| word.starts_with("--"));
        if program == "fauxka" && starts {
            words.retain(|word| word != "&");
            cluster = Some(Cluster::start(folder, &words));
        } else if program == "curl" {
            let (status, answer) = cluster.as_ref().unwrap().curl(&words);
            assert!((200..300).contains(&status), "{name}: {line}: {answer}");
        } else {
            assert_eq!(program, "fauxka", "{name}: {line}");
            let waits = words.iter().any(|word| word == "wait");
            match cluster.as_ref().unwrap().command(folder, words) {
                Ok(_) => {}
                Err(why) => {
                    let is_unmet = why.contains("within") || why.contains("expected");
                    assert!(waits && is_unmet, "{name}: {line}: {why}");
                }
            }
        }
        count += 1;
    }
    (count, cluster)
}

#[test]
fn the_guide_is_a_script_that_works() {
    let folder = Folder::new("guide");
    let (count, cluster) = run("guide", GUIDE, &folder);
    for command in inline(parts().0) {
        let said = cluster.as_ref().unwrap().command(&folder, command.clone());
        assert!(said.is_ok(), "{command:?}: {said:?}");
    }
    assert!(count > 40, "only {count} lines");
}

#[test]
fn the_other_pages_are_scripts_that_work() {
    for (name, page, at_least) in PAGES {
        let (count, _) = run(name, page, &Folder::new(name));
        assert!(count >= *at_least, "{name}: only {count} lines");
    }
}

#[test]
fn recipes_work() {
    let folder = Folder::new("recipes");
    let records = "\n[[records]]\ntopic = \"orders\"\nvalue = \"x\"\n".repeat(50);
    fs::write(folder.0.join("cluster.toml"), format!("{CLUSTER}{records}")).unwrap();
    let options = ["--file".to_owned(), "cluster.toml".to_owned()];
    let cluster = Cluster::start(&folder, &options);
    let mut count = 0;
    for command in inline(parts().1) {
        count += 1;
        if command[0].starts_with("--") {
            drop(Cluster::start(&folder, &command));
            continue;
        }
        // Chance decides who leads.
        let lead = cluster.command(&folder, words("partition lead orders 0 1"));
        assert!(lead.is_ok(), "{lead:?}");
        let line = command.join(" ");
        let without = WITHOUT_TRAFFIC.iter().find(|(one, _)| *one == line);
        match (cluster.command(&folder, command), without) {
            (Ok(_), None) => {}
            (Err(why), Some((_, words))) => assert!(why.contains(words), "{line}: {why}"),
            (said, _) => panic!("{line}: {said:?}"),
        }
        let anew = cluster.command(&folder, words("reset"));
        assert!(anew.is_ok(), "{line}: {anew:?}");
    }
    assert!(count >= 43, "only {count} recipes");
}
