// The broker's answer to a producer is lost. The order must still be in the log exactly once.
import assert from 'node:assert/strict';
import test from 'node:test';
import { Kafka } from 'kafkajs';

// Asks the control port: a POST if there is a body, else a GET.
async function control(path, body) {
  const post = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await fetch(`http://127.0.0.1:9700${path}`, body ? post : {});
  const text = await answer.text();
  assert.ok(answer.ok, text);
  return text && JSON.parse(text);
}

test('an order is placed once', async () => {
  await control('/v1/reset', {});
  const rule = await control('/v1/faults', { api: 'Produce', topic: 'orders', nth: 1, after_apply: 'disconnect' });

  const kafka = new Kafka({ brokers: ['127.0.0.1:9092'], logLevel: 0 });
  const producer = kafka.producer({ idempotent: true });
  await producer.connect();
  await producer.send({ topic: 'orders', messages: [{ value: 'order-1' }] });
  await producer.disconnect();

  assert.equal((await control(`/v1/faults/${rule.id}`)).hits, 1);
  const { records } = await control('/v1/topics/orders/0/records');
  assert.deepEqual(records.map((record) => record.value), ['order-1']);
});
