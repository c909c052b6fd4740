// Lists topics, mounts a rule and reads the journal with the client that is generated from the OpenAPI document.
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { paths } from "./generated.js";

const baseUrl = process.argv[2];
assert(baseUrl, "use.js CONTROL-URL");
const client = createClient<paths>({ baseUrl });

const made = await client.POST("/v1/topics", { body: { name: "typescript", partitions: 2, configs: { "cleanup.policy": "compact" } } });
assert.equal(made.data?.partitions.length, 2);
const again = await client.POST("/v1/topics", { body: { name: "typescript" } });
assert.equal(again.error?.kafka?.name, "TOPIC_ALREADY_EXISTS");

const record = { key: "k", value: { base64: "/w==" }, partition: 1 };
const written = await client.POST("/v1/topics/{topic}/records", {
  params: { path: { topic: "typescript" } },
  body: { records: [record] },
});
assert.deepEqual(written.data?.records, [{ partition: 1, offset: 0 }]);

const topics = await client.GET("/v1/topics");
assert(topics.data?.some((topic) => topic.name === "typescript"));

const mounted = await client.POST("/v1/faults", { body: { name: "lost-answer", api: "Produce", topic: "typescript", nth: 1, after_apply: "disconnect" } });
assert.equal(mounted.data?.state, "active");
const rules = await client.GET("/v1/faults/{rule}", { params: { path: { rule: "lost-answer" } } });
assert.equal(rules.data?.hits, 0);

const journal = await client.GET("/v1/journal", { params: { query: { kind: "topic_created", topic: "typescript" } } });
assert(typeof journal.data === "object");
const [row] = journal.data.rows;
assert(row?.kind === "topic_created");
assert.equal(row.partitions, 2);
console.log("ok");
