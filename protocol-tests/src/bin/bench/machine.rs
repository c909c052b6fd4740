//! What the figures were measured on.

use std::fs;

/// The processor, cores, memory and kernel.
pub(crate) fn description() -> String {
    let cpus = read("/proc/cpuinfo");
    let model = field(&cpus, "model name").unwrap_or("a processor without a name");
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let memory = read("/proc/meminfo");
    let memory = field(&memory, "MemTotal").and_then(|text| text.strip_suffix(" kB"));
    let kib = memory.and_then(|text| text.trim().parse::<u64>().ok());
    let gib = kib.map_or_else(
        || "unknown memory".to_owned(),
        |kib| format!("{} GiB", (kib + (1 << 19)) >> 20),
    );
    let kernel = read("/proc/sys/kernel/osrelease");
    format!("{model}, {cores} cores, {gib}, Linux {}", kernel.trim())
}

/// Processes that ran or wanted to, on the average of the last 1, 5 and 15 minutes.
pub(crate) fn load_average() -> String {
    let text = read("/proc/loadavg");
    let words: Vec<_> = text.split_whitespace().take(3).collect();
    words.join(" ")
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = text.lines().filter_map(|line| line.split_once(':'));
    lines
        .find(|(key, _)| key.trim() == name)
        .map(|(_, value)| value.trim())
}
