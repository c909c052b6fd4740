import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { Kafka } from 'kafkajs';
import { start } from './cluster.mjs';

let cluster;
before(async () => { cluster = await start(); });
beforeEach(() => cluster.control('/v1/reset', {}));
after(() => cluster.stop());

async function place(order) {
  const producer = new Kafka({ brokers: [cluster.bootstrap], logLevel: 0 }).producer();
  await producer.connect();
  await producer.send({ topic: 'orders', messages: [{ value: order }] });
  await producer.disconnect();
}

async function orders() {
  const { records } = await cluster.control('/v1/topics/orders/0/records');
  return records.map((record) => record.value);
}

test('one order', async () => {
  await place('order-1');
  assert.deepEqual(await orders(), ['order-1']);
});

test('another order', async () => {
  await place('order-2');
  assert.deepEqual(await orders(), ['order-2']);
});
