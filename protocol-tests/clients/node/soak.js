// kafkajs in the soak, under its contract in ../README.md.
'use strict';
const fs = require('node:fs');
const readline = require('node:readline');
const { parseArgs } = require('node:util');

const { Kafka, logLevel } = require('kafkajs');

const NAMES = ['bootstrap', 'topic', 'name', 'keys', 'pause-ms', 'padding', 'idempotent'];

const say = (text) => fs.writeSync(1, `${text}\n`);
const sleep = (millis) => new Promise((resolve) => { setTimeout(resolve, millis); });

/** What the runner says on standard input, whose end stops the program. */
function listen() {
  const told = { pausing: false, stopping: false };
  const lines = readline.createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    told.pausing = line === 'PAUSE';
    told.stopping ||= line === 'STOP';
  });
  lines.on('close', () => { told.stopping = true; });
  return told;
}

async function send(producer, topic, key, number, padding) {
  try {
    const [stored] = await producer.send({ topic, messages: [{ key, value: `${key}/${number}/${padding}` }] });
    say(`ACK ${key}/${number} ${stored.partition} ${stored.baseOffset}`);
  } catch (failure) {
    say(`FAILED ${key}/${number} ${failure}`);
  }
}

async function load(args, told) {
  const kafka = new Kafka({ brokers: args.bootstrap.split(','), clientId: args.name, logLevel: logLevel.WARN });
  // What its documentation demands of an idempotent producer; its order is that of requests.
  const producer = kafka.producer({ idempotent: args.idempotent === 'true', maxInFlightRequests: 1 });
  await producer.connect();
  const padding = '.'.repeat(Number(args.padding));
  for (let sent = 0; !told.stopping; sent += 1) {
    if (told.pausing) {
      say('PAUSED');
      while (told.pausing && !told.stopping) await sleep(50);
    }
    const keys = Number(args.keys);
    await send(producer, args.topic, `${args.name}/${sent % keys}`, Math.floor(sent / keys), padding);
    await sleep(Number(args['pause-ms']));
  }
  await producer.disconnect();
  say('DONE');
}

const options = Object.fromEntries(NAMES.map((name) => [name, { type: 'string' }]));
load(parseArgs({ args: process.argv.slice(3), options }).values, listen()).then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
