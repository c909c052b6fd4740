//! Time that stands still until the test moves it: records live for an hour, and the hour takes no time.
//!
//! `cargo run -p fauxka --example clock`

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::time::Duration;

use fauxka::Broker;
use fauxka::clock::Clock;

const HOUR: Duration = Duration::from_secs(60 * 60);

fn main() -> Result<(), Box<dyn Error>> {
    let broker = Broker::builder()
        .clock(Clock::manual())
        .config("log.retention.ms", HOUR.as_millis().to_string())
        .topic("orders", 1, 1)
        .start_blocking()?;
    broker.produce("orders").value("order-1").send()?;

    let orders = broker.partition("orders", 0);
    println!("at once: {} records", orders.values()?.len());
    broker.clock().advance_blocking(HOUR / 2)?;
    println!("after half an hour: {} records", orders.values()?.len());
    broker.clock().advance_blocking(HOUR)?;
    println!(
        "after an hour and a half: {} records",
        orders.values()?.len()
    );
    println!("the cluster's clock: {:?}", broker.clock().elapsed());
    Ok(())
}
