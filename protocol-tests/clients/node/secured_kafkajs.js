// kafkajs on a listener with TLS, under the contract of ../README.md.
'use strict';
const fs = require('node:fs');
const { Kafka, logLevel } = require('kafkajs');
const { VALUES, run } = require('./secured');

function configuration(args) {
  const shown = args.certificate && fs.readFileSync(args.certificate);
  const settings = {
    brokers: [args.bootstrap],
    logLevel: logLevel.WARN,
    retry: { retries: 1 },
    ssl: { ca: [fs.readFileSync(args.ca)], ...(shown && { key: shown, cert: shown }) },
  };
  if (args.mechanism) {
    settings.sasl = { mechanism: args.mechanism.toLowerCase(), username: args.user, password: args.password };
  }
  return settings;
}

async function trip(args) {
  const kafka = new Kafka(configuration(args));
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic: args.topic, messages: VALUES.map((value) => ({ value })) });
  await producer.disconnect();
  const consumer = kafka.consumer({ groupId: 'secured' });
  await consumer.connect();
  await consumer.subscribe({ topic: args.topic, fromBeginning: true });
  const values = [];
  await new Promise((resolve, reject) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    consumer.run({
      eachMessage: async ({ message }) => {
        values.push(message.value.toString());
        if (values.length === VALUES.length) resolve();
      },
    }).catch(reject);
  });
  await consumer.disconnect();
  return values;
}

/** The errors of a producer and of a consumer in a group. */
async function denied(args) {
  const kafka = new Kafka(configuration(args));
  const name = (error) => error.type ?? error.cause?.type ?? error.name;
  const producer = kafka.producer();
  await producer.connect();
  const produced = await producer.send({ topic: args.topic, messages: [{ value: 'denied' }] }).then(() => 'delivered', name);
  await producer.disconnect();
  const consumer = kafka.consumer({ groupId: 'shipping' });
  await consumer.connect();
  await consumer.subscribe({ topic: args.topic });
  const consumed = await new Promise((resolve) => {
    consumer.on(consumer.events.CRASH, ({ payload }) => resolve(name(payload.error)));
    consumer.run({ eachMessage: async () => {} }).catch((error) => resolve(name(error)));
  });
  await consumer.disconnect();
  return [produced, consumed];
}

run(trip, denied);
