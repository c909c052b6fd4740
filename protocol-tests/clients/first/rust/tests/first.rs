//! The broker's answer to a producer is lost. The order must still be in the log exactly once.
use std::time::Duration;

use fauxka::{Api, Broker};
use rdkafka::ClientConfig;
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

fn place_order(bootstrap: &str) {
    let mut settings = ClientConfig::new();
    settings.set("bootstrap.servers", bootstrap).set("enable.idempotence", "true");
    let producer: BaseProducer = settings.create().unwrap();
    producer.send(BaseRecord::<(), str>::to("orders").payload("order-1")).unwrap();
    producer.flush(Duration::from_secs(30)).unwrap();
}

#[test]
fn an_order_is_placed_once() {
    let broker = Broker::builder().topic("orders", 1, 1).start_blocking().unwrap();
    broker.on(Api::Produce).topic("orders").nth(1).after_apply().disconnect().expect(1).mount();

    place_order(broker.bootstrap());

    assert_eq!(broker.partition("orders", 0).committed_values().unwrap(), ["order-1"]);
}
