// The broker's answer to a producer is lost. The order must still be in the log exactly once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Producer, stringSerializers } from '@platformatic/kafka';
import { clusterPerTest } from 'fauxka/node-test';

const orders = clusterPerTest({ topics: ['orders'] });

test('an order is placed once', orders(async ({ cluster }) => {
  await cluster.fault({ api: 'Produce', topic: 'orders', nth: 1, after: 'disconnect', expect: 1 });

  const producer = new Producer({ clientId: 'shop', ...cluster.settings.platformatic, serializers: stringSerializers, idempotent: true });
  await producer.send({ messages: [{ topic: 'orders', value: 'order-1' }] });
  await producer.close();

  const records = await cluster.records('orders');
  assert.deepEqual(records.map((record) => record.value), ['order-1']);
}));
