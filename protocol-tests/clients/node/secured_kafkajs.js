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

run(trip);
