// kafkajs under the contract of ../README.md.
'use strict';
const { CompressionCodecs, CompressionTypes, Kafka, logLevel } = require('kafkajs');
const SnappyCodec = require('kafkajs-snappy');
const contract = require('./contract');
const { LAST, collected } = require('./transactions');

CompressionCodecs[CompressionTypes.Snappy] = SnappyCodec;

const UNSUPPORTED = {
  lz4: 'kafkajs itself ships gzip alone',
  zstd: 'kafkajs itself ships gzip alone',
};

const CODECS = { none: CompressionTypes.None, gzip: CompressionTypes.GZIP, snappy: CompressionTypes.Snappy };

const LINES_PER_REQUEST = 5000;

async function create(kafka, topic) {
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
  const [{ high }] = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  if (high !== '0') throw new Error(`the new topic ${topic} ends at ${high}`);
}

async function produce(kafka, topic, codec, lines) {
  const producer = kafka.producer();
  await producer.connect();
  for (let at = 0; at < lines.length; at += LINES_PER_REQUEST) {
    const messages = lines.slice(at, at + LINES_PER_REQUEST).map((value) => ({ value }));
    await producer.send({ topic, compression: CODECS[codec], messages });
  }
  await producer.disconnect();
}

/**
 * Its consumer reads as a member of a group only, so this reads with what that consumer is made of:
 * kafkajs's own cluster, metadata and broker.
 */
function clusterOf(kafka) {
  const symbol = Object.getOwnPropertySymbols(kafka).find(({ description }) => description.endsWith(':createCluster'));
  return kafka[symbol]({ metadataMaxAge: 300000, isolationLevel: 1 });
}

async function consume(kafka, topic) {
  const cluster = clusterOf(kafka);
  await cluster.connect();
  await cluster.addTargetTopic(topic);
  const partitions = [{ partition: 0 }];
  const [{ partitions: [{ offset: end }] }] = await cluster.fetchTopicsOffset([{ topic, partitions }]);
  const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [0]));
  const broker = await cluster.findBroker({ nodeId });
  const values = [];
  for (let next = 0; next < Number(end);) {
    const topics = [{ topic, partitions: [{ partition: 0, fetchOffset: next, maxBytes: 1048576 }] }];
    const answer = await broker.fetch({ isolationLevel: 1, topics });
    const fresh = answer.responses[0].partitions[0].messages.filter(({ offset }) => Number(offset) >= next);
    values.push(...fresh.map(({ value }) => value));
    if (fresh.length > 0) next = Number(fresh.at(-1).offset) + 1;
  }
  await cluster.disconnect();
  return values;
}

async function trip(bootstrap, topic, codec, lines) {
  const kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.WARN });
  await create(kafka, topic);
  await produce(kafka, topic, codec, lines);
  return consume(kafka, topic);
}

async function belong(args, report, leaving) {
  const kafka = new Kafka({ brokers: args.bootstrap.split(','), clientId: args.member, logLevel: logLevel.WARN });
  const consumer = kafka.consumer({ groupId: args.group, sessionTimeout: Number(args['session-ms']) });
  let owned = [];
  const lose = () => {
    if (owned.length > 0) report.lost(owned);
    owned = [];
  };
  consumer.on(consumer.events.REBALANCING, lose);
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    lose();
    owned = payload.memberAssignment[args.topic] ?? [];
    report.gained(owned);
  });
  await consumer.connect();
  await consumer.subscribe({ topic: args.topic, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ partition, message }) => report.got(partition, message.offset, message.value),
  });
  await leaving;
  await consumer.stop();
  lose();
  await consumer.disconnect();
}

/** Consumes until that is enough; it is still a member of the group then. */
async function consumed(kafka, topic, options, { promise, take }) {
  const consumer = kafka.consumer(options);
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({ autoCommit: false, eachMessage: async ({ message }) => take(message.value) });
  return { values: await promise, leave: () => consumer.disconnect() };
}

async function initialised(kafka, args, transactionalId) {
  // What its documentation demands of a transactional producer.
  const producer = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  // It gets its producer id with the first transaction.
  const first = await producer.transaction();
  let transaction;
  return {
    begin: async () => { transaction = transaction ? await producer.transaction() : first; },
    send: (values) => transaction.send({ topic: args.output, messages: values.map((value) => ({ value })) }),
    sendOffset: (offset) => transaction.sendOffsets({
      consumerGroupId: args.group,
      topics: [{ topic: args.input, partitions: [{ partition: 0, offset: String(offset) }] }],
    }),
    commit: () => transaction.commit(),
    abort: () => transaction.abort(),
  };
}

function transactional(args) {
  const kafka = new Kafka({ brokers: args.bootstrap.split(','), logLevel: logLevel.WARN });
  const options = { groupId: args.group, sessionTimeout: Number(args['session-ms']) };
  return {
    producer: (suffix) => initialised(kafka, args, args['transactional-id'] + suffix),
    consume: (count) => consumed(kafka, args.input, options, collected((values) => values.length === count)),
  };
}

async function read(args) {
  const kafka = new Kafka({ brokers: args.bootstrap.split(','), logLevel: logLevel.WARN });
  const readUncommitted = args.isolation === 'read_uncommitted';
  const options = { groupId: `${args.topic}-${args.isolation}`, readUncommitted };
  const { values, leave } = await consumed(kafka, args.topic, options, collected((all) => all.at(-1) === LAST));
  await leave();
  return values;
}

contract.run(UNSUPPORTED, trip, { belong, read, transactional });
