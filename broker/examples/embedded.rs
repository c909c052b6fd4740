//! A cluster inside the test: three nodes on free ports, gone when it is dropped.
//!
//! `cargo run -p fauxka --example embedded`

#![allow(clippy::print_stdout, reason = "an example shows what it does")]

mod client;

use std::error::Error;

use fauxka::Broker;
use tokio::net::TcpStream;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let broker = Broker::builder()
        .nodes(3)
        .topic("orders", 1, 3)
        .start()
        .await?;

    // Give `broker.bootstrap()` to your application. This one connects to the node that leads the partition.
    let orders = broker.partition("orders", 0);
    let leader = orders.describe().and_then(|partition| partition.leader);
    let leader = leader.ok_or("the partition has no leader")?;
    let addresses: Vec<&str> = broker.bootstrap().split(',').collect();
    let address = addresses.get(usize::try_from(leader - 1)?);
    let mut stream = TcpStream::connect(address.ok_or("no such node")?).await?;
    client::produce(&mut stream, "orders", "order-1").await?;

    for value in orders.values()? {
        println!("in the log: {}", String::from_utf8(value.to_vec())?);
    }
    let produced = broker.journal().api(fauxka::Api::Produce).count();
    println!("nodes: {}, Produce requests: {produced}", addresses.len());
    Ok(())
}
