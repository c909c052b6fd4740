//! How much memory there is for records, as Linux tells it.

use std::path::{Path, PathBuf};

/// What all logs may hold where nobody knows how much memory there is.
const UNKNOWN: u64 = 1 << 30;

/// What all logs may hold by default: half of the memory that the process may use. What is held beside the bytes of
/// records, and answers on their way, have the other half.
pub(super) fn for_logs() -> u64 {
    usable(Path::new("/")).map_or(UNKNOWN, |bytes| bytes / 2)
}

/// The least of what the machine has, what the control group may use, and how large the address space may be.
fn usable(root: &Path) -> Option<u64> {
    let read = |path: &str| std::fs::read_to_string(root.join(path)).unwrap_or_default();
    let groups = read("proc/self/cgroup");
    let of_groups = limit_files(&groups).into_iter().filter_map(|path| {
        // "max", or a number near 2^63, is no limit.
        let text = std::fs::read_to_string(root.join(path)).ok()?;
        text.trim().parse().ok()
    });
    let others = [
        of_machine(&read("proc/meminfo")),
        of_address_space(&read("proc/self/limits")),
    ];
    others.into_iter().flatten().chain(of_groups).min()
}

/// Where the limits of control groups and of the groups above them are. A container sees its own group as the root, or
/// names it by a path that only the host has.
fn limit_files(groups: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for line in groups.lines() {
        let mut fields = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(path)) = (fields.next(), fields.next()) else {
            continue;
        };
        let (base, file) = if controllers.is_empty() {
            ("sys/fs/cgroup", "memory.max")
        } else if controllers.split(',').any(|one| one == "memory") {
            ("sys/fs/cgroup/memory", "memory.limit_in_bytes")
        } else {
            continue;
        };
        let path = Path::new(path.trim_start_matches('/'));
        files.extend(
            path.ancestors()
                .map(|group| Path::new(base).join(group).join(file)),
        );
    }
    files
}

/// What the machine has: `MemTotal:       24609692 kB`.
fn of_machine(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    kib.checked_mul(1024)
}

/// The soft limit in `Max address space      unlimited      unlimited      bytes`.
fn of_address_space(limits: &str) -> Option<u64> {
    let line = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max address space"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Files below a folder of their own, which is gone when the test is over.
    struct Machine(PathBuf);

    impl Machine {
        fn new(name: &str, files: &[(&str, &str)]) -> Self {
            let root =
                std::env::temp_dir().join(format!("fauxka-memory-{name}-{}", std::process::id()));
            for (path, text) in files {
                let path = root.join(path);
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, text).unwrap();
            }
            Self(root)
        }
    }

    impl Drop for Machine {
        fn drop(&mut self) {
            drop(std::fs::remove_dir_all(&self.0));
        }
    }

    const MEMINFO: (&str, &str) = ("proc/meminfo", "MemTotal:        8192 kB\nMemFree: 1 kB\n");

    #[track_caller]
    fn check(name: &str, files: &[(&str, &str)], expected: Option<u64>) {
        let machine = Machine::new(name, files);
        assert_eq!(usable(&machine.0), expected, "{name}");
    }

    #[test]
    fn the_least_limit_counts() {
        check("unknown", &[("none", "")], None);
        check("machine", &[MEMINFO], Some(8 << 20));
        let group = ("proc/self/cgroup", "0::/a/b\n");
        let unlimited = ("sys/fs/cgroup/a/b/memory.max", "max\n");
        check("no-limit", &[MEMINFO, group, unlimited], Some(8 << 20));
        let above = ("sys/fs/cgroup/a/memory.max", "4194304\n");
        check("above", &[MEMINFO, group, unlimited, above], Some(4 << 20));
        let root = ("sys/fs/cgroup/memory.max", "2097152\n");
        check(
            "container",
            &[MEMINFO, ("proc/self/cgroup", "0::/\n"), root],
            Some(2 << 20),
        );
        let first = (
            "proc/self/cgroup",
            "9:cpu,cpuacct:/x\n4:memory:/docker/1f\n",
        );
        let limit = ("sys/fs/cgroup/memory/memory.limit_in_bytes", "1048576\n");
        check("version-1", &[MEMINFO, first, limit], Some(1 << 20));
        let space = (
            "proc/self/limits",
            "Limit                     Soft Limit           Hard Limit           Units     \n\
             Max address space         3145728              unlimited            bytes     \n",
        );
        check("address-space", &[MEMINFO, space], Some(3 << 20));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_machine_has_memory() {
        assert!(usable(Path::new("/")).is_some_and(|bytes| bytes > 1 << 20));
    }
}
