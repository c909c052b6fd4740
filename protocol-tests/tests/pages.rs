//! Every scenario is on the two pages that list them.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

#[test]
fn every_scenario_is_listed() {
    let folder = root().join("protocol-tests/scenarios");
    let mut scenarios = Vec::new();
    for (inside, ending) in [("", "py"), ("java", "java")] {
        for file in fs::read_dir(folder.join(inside)).unwrap() {
            let path = file.unwrap().path();
            let is_one = path
                .extension()
                .is_some_and(|extension| extension == ending)
                && !path.ends_with("run.py")
                && {
                    let text = fs::read_to_string(&path).unwrap();
                    text.contains("__main__") || text.contains("void main(")
                };
            if is_one {
                let name = path.file_name().unwrap().to_string_lossy();
                scenarios.push(Path::new(inside).join(name.as_ref()).display().to_string());
            }
        }
    }
    assert!(scenarios.len() > 40, "only {}", scenarios.len());
    for page in ["protocol-tests/scenarios/README.md", "broker/docs/guide.md"] {
        let text = fs::read_to_string(root().join(page)).unwrap();
        for scenario in &scenarios {
            assert!(
                text.contains(&format!("{scenario})")),
                "{page} lacks {scenario}"
            );
        }
    }
}
