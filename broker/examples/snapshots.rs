//! A state that many tests begin from: made once, put back before each test, or loaded from a file.
//!
//! `cargo run -p fauxka --example snapshots`

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;

use fauxka::Broker;
use fauxka::snapshot::Snapshot;

fn main() -> Result<(), Box<dyn Error>> {
    let broker = Broker::builder().topic("orders", 1, 1).start_blocking()?;
    broker
        .produce("orders")
        .key("customer-42")
        .value("order-1")
        .send()?;
    let prepared = broker.snapshot();

    for test in ["first", "second"] {
        broker.restore_blocking(&prepared)?;
        broker
            .produce("orders")
            .value(format!("{test} test"))
            .send()?;
        println!("in the {test} test: {}", log(&broker)?);
    }

    let folder = new_folder()?;
    let path = folder.join("prepared.fauxka");
    prepared.save(&path)?;
    let another = Broker::builder()
        .snapshot(Snapshot::load(&path)?)
        .start_blocking()?;
    println!("in another cluster: {}", log(&another)?);
    std::fs::remove_dir_all(folder)?;
    Ok(())
}

fn log(broker: &Broker) -> Result<String, Box<dyn Error>> {
    let values = broker.partition("orders", 0).values()?;
    let texts = values.iter().map(|value| String::from_utf8_lossy(value));
    Ok(texts.collect::<Vec<_>>().join(", "))
}

/// A new folder for this process.
fn new_folder() -> std::io::Result<std::path::PathBuf> {
    let folder = std::env::temp_dir().join(format!("fauxka-snapshots-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}
