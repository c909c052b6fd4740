//! The second order is written, but its answer is lost. An application that just tries again writes it twice.
//!
//! `cargo run -p fauxka --example faults`

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

mod client;

use std::error::Error;

use fauxka::{Api, Broker};
use tokio::net::TcpStream;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let broker = Broker::builder().topic("orders", 1, 1).start().await?;
    let lost = broker
        .on(Api::Produce)
        .topic("orders")
        .nth(2)
        .after_apply()
        .disconnect()
        .expect(1)
        .mount();

    for order in ["order-1", "order-2", "order-3"] {
        place(broker.bootstrap(), order).await?;
    }

    println!("answers lost: {}", lost.hits());
    for value in broker.partition("orders", 0).values()? {
        println!("in the log: {}", String::from_utf8(value.to_vec())?);
    }
    Ok(())
}

/// The application and its bug: it is no idempotent producer.
async fn place(bootstrap: &str, order: &str) -> std::io::Result<()> {
    loop {
        let mut stream = TcpStream::connect(bootstrap).await?;
        match client::produce(&mut stream, "orders", order).await {
            Ok(()) => return Ok(()),
            Err(error) => println!("{order}: {:?}, trying again", error.kind()),
        }
    }
}
