// Confluent's client for Node.js (librdkafka) under the contract of ../README.md.
'use strict';
const { AdminClient, HighLevelProducer, KafkaConsumer } = require('@confluentinc/kafka-javascript');
const contract = require('./contract');
const { LAST } = require('./transactions');

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

async function trip(bootstrap, topic, codec, lines) {
  await create(bootstrap, topic);
  await produce(bootstrap, topic, codec, lines);
  return consume(bootstrap, topic);
}

async function initialised(args, transactionalId, consumer) {
  const producer = new HighLevelProducer({ 'bootstrap.servers': args.bootstrap, 'transactional.id': transactionalId });
  await promise((done) => producer.connect({}, done));
  await promise((done) => producer.initTransactions(DEADLINE_MS, done));
  const sent = (value) => promise((done) => producer.produce(args.output, null, Buffer.from(value), null, null, done));
  return {
    begin: () => promise((done) => producer.beginTransaction(done)),
    send: (values) => Promise.all(values.map(sent)),
    sendOffset: (offset) => promise((done) => {
      producer.sendOffsetsToTransaction([{ topic: args.input, partition: 0, offset }], consumer(), DEADLINE_MS, done);
    }),
    commit: () => promise((done) => producer.commitTransaction(DEADLINE_MS, done)),
    abort: () => promise((done) => producer.abortTransaction(DEADLINE_MS, done)),
  };
}

/** Consumes until `isEnough` says so of all values. */
async function consumeUntil(consumer, isEnough) {
  const values = [];
  while (!isEnough(values)) {
    values.push(...(await promise((done) => consumer.consume(1, done))).map(({ value }) => String(value)));
  }
  return values;
}

async function consumeInGroup(args, count) {
  const config = {
    'bootstrap.servers': args.bootstrap,
    'group.id': args.group,
    'session.timeout.ms': Number(args['session-ms']),
    'enable.auto.commit': false,
  };
  const consumer = new KafkaConsumer(config, { 'auto.offset.reset': 'earliest' });
  await promise((done) => consumer.connect({}, done));
  consumer.subscribe([args.input]);
  return { consumer, values: await consumeUntil(consumer, (values) => values.length === count) };
}

function transactional(args) {
  let consumer;
  return {
    producer: (suffix) => initialised(args, args['transactional-id'] + suffix, () => consumer),
    consume: async (count) => {
      const joined = await consumeInGroup(args, count);
      consumer = joined.consumer;
      return { values: joined.values, leave: () => promise((done) => consumer.disconnect(done)) };
    },
  };
}

async function read(args) {
  const config = { 'bootstrap.servers': args.bootstrap, 'group.id': 'none', 'enable.auto.commit': false };
  const consumer = new KafkaConsumer({ ...config, 'isolation.level': args.isolation }, {});
  await promise((done) => consumer.connect({}, done));
  consumer.assign([{ topic: args.topic, partition: 0, offset: 0 }]);
  const values = await consumeUntil(consumer, (all) => all.at(-1) === LAST);
  await promise((done) => consumer.disconnect(done));
  return values;
}

contract.run({}, trip, { read, transactional });
