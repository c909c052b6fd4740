// The broker's answer to a producer is lost. The order must still be in the log exactly once.
const { clusterPerTest } = require('fauxka/jest');
const { Kafka } = require('kafkajs');

const orders = clusterPerTest({ topics: ['orders'] });

test('an order is placed once', orders(async ({ cluster }) => {
  await cluster.fault({ api: 'Produce', topic: 'orders', nth: 1, after: 'disconnect', expect: 1 });

  const kafka = new Kafka({ ...cluster.settings.kafkajs, logLevel: 0 });
  const producer = kafka.producer({ idempotent: true });
  await producer.connect();
  await producer.send({ topic: 'orders', messages: [{ value: 'order-1' }] });
  await producer.disconnect();

  const records = await cluster.records('orders');
  expect(records.map((record) => record.value)).toEqual(['order-1']);
}));
