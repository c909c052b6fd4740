//! A cluster without sockets on the test's own runtime. Under a paused tokio clock an answer that takes a minute takes
//! exactly a minute, and none of it is waited for.
//!
//! `cargo run -p fauxka --example in_memory`

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

mod client;

use std::error::Error;
use std::time::Duration;

use fauxka::{Api, Broker};
use tokio::time::Instant;

#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> Result<(), Box<dyn Error>> {
    let broker = Broker::builder()
        .seed(7)
        .topic("orders", 1, 1)
        .start_in_memory()?;
    let minute = Duration::from_secs(60);
    broker
        .on(Api::Produce)
        .nth(2)
        .after_apply()
        .delay(minute)
        .mount();

    let mut stream = broker.dial(broker.bootstrap()).await?;
    for order in ["order-1", "order-2"] {
        let began = Instant::now();
        client::produce(&mut stream, "orders", order).await?;
        println!("{order} took {} s", began.elapsed().as_secs());
    }
    Ok(())
}
