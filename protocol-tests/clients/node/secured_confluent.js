// Confluent's client for Node.js (librdkafka) on a listener with TLS, under the contract of ../README.md.
'use strict';
const { CODES, HighLevelProducer, KafkaConsumer } = require('@confluentinc/kafka-javascript');
const { PATIENCE_MS, VALUES, run } = require('./secured');

/** A promise of what `call` hands to its callback. */
function promise(call) {
  return new Promise((resolve, reject) => {
    call((error, value) => (error ? reject(error) : resolve(value)));
  });
}

function configuration(args) {
  const settings = {
    'bootstrap.servers': args.bootstrap,
    'security.protocol': args.protocol.toLowerCase(),
    'ssl.ca.location': args.ca,
  };
  if (args.certificate) {
    Object.assign(settings, { 'ssl.certificate.location': args.certificate, 'ssl.key.location': args.certificate });
  }
  if (args.mechanism) {
    Object.assign(settings, { 'sasl.mechanisms': args.mechanism, 'sasl.username': args.user, 'sasl.password': args.password });
  }
  return settings;
}

async function trip(args) {
  const settings = configuration(args);
  const producer = new HighLevelProducer({ ...settings, 'message.timeout.ms': PATIENCE_MS });
  await promise((done) => producer.connect({ timeout: PATIENCE_MS }, done));
  const sent = (value) => promise((done) => producer.produce(args.topic, 0, Buffer.from(value), null, null, done));
  await Promise.all(VALUES.map(sent));
  await promise((done) => producer.disconnect(done));
  const consumer = new KafkaConsumer({ ...settings, 'group.id': 'none', 'enable.auto.commit': false }, {});
  await promise((done) => consumer.connect({ timeout: PATIENCE_MS }, done));
  consumer.assign([{ topic: args.topic, partition: 0, offset: 0 }]);
  const values = [];
  while (values.length < VALUES.length) {
    for (const message of await promise((done) => consumer.consume(10, done))) values.push(message.value.toString());
  }
  await promise((done) => consumer.disconnect(done));
  return values;
}

/** The errors of a producer and of a consumer in a group. */
async function denied(args) {
  const settings = configuration(args);
  const name = ({ code }) => Object.keys(CODES.ERRORS).find((key) => CODES.ERRORS[key] === code);
  const producer = new HighLevelProducer({ ...settings, 'message.timeout.ms': PATIENCE_MS });
  await promise((done) => producer.connect({ timeout: PATIENCE_MS }, done));
  const sent = promise((done) => producer.produce(args.topic, 0, Buffer.from('denied'), null, null, done));
  const produced = await sent.then(() => 'delivered', name);
  await promise((done) => producer.disconnect(done));
  const consumer = new KafkaConsumer({ ...settings, 'group.id': 'shipping' }, {});
  await promise((done) => consumer.connect({ timeout: PATIENCE_MS }, done));
  consumer.subscribe([args.topic]);
  let consumed;
  consumer.on('event.error', (error) => { consumed ??= name(error); });
  while (!consumed) {
    await promise((done) => consumer.consume(1, done)).catch((error) => { consumed ??= name(error); });
  }
  await promise((done) => consumer.disconnect(done));
  return [produced, consumed];
}

run(trip, denied);
