// Confluent's client for Node.js (librdkafka) under the contract of ../README.md.
'use strict';
const { AdminClient, HighLevelProducer, KafkaConsumer } = require('@confluentinc/kafka-javascript');
const contract = require('./contract');

const DEADLINE_MS = 60000;

/** A promise of what `call` hands to its callback. */
function promise(call) {
  return new Promise((resolve, reject) => {
    call((error, value) => (error ? reject(error) : resolve(value)));
  });
}

async function create(bootstrap, topic) {
  const admin = AdminClient.create({ 'bootstrap.servers': bootstrap });
  await promise((done) => admin.createTopic({ topic, num_partitions: 1, replication_factor: 1 }, DEADLINE_MS, done));
  admin.disconnect();
}

async function produce(bootstrap, topic, codec, lines) {
  const producer = new HighLevelProducer({ 'bootstrap.servers': bootstrap, 'compression.type': codec });
  await promise((done) => producer.connect({}, done));
  await Promise.all(lines.map((line) => promise((done) => producer.produce(topic, null, line, null, null, done))));
  await promise((done) => producer.disconnect(done));
}

async function consume(bootstrap, topic) {
  // librdkafka demands a group id even where no group is joined.
  const config = { 'bootstrap.servers': bootstrap, 'group.id': 'none', 'enable.auto.commit': false };
  const consumer = new KafkaConsumer(config, {});
  await promise((done) => consumer.connect({}, done));
  const { highOffset } = await promise((done) => consumer.queryWatermarkOffsets(topic, 0, DEADLINE_MS, done));
  consumer.assign([{ topic, partition: 0, offset: 0 }]);
  const values = [];
  for (let next = 0; next < highOffset;) {
    for (const message of await promise((done) => consumer.consume(10000, done))) {
      values.push(message.value);
      next = message.offset + 1;
    }
  }
  await promise((done) => consumer.disconnect(done));
  return values;
}

contract.run({}, async (bootstrap, topic, codec, lines) => {
  await create(bootstrap, topic);
  await produce(bootstrap, topic, codec, lines);
  return consume(bootstrap, topic);
});
