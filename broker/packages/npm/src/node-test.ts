import { after, type TestContext as NodeContext } from 'node:test';
import { FileCluster, newClusters, runTest, type Source, type TestBody, TestClusters } from './fixture.js';
import type { ClusterOptions } from './options.js';

export { type TestBody, type TestContext, withCluster } from './fixture.js';

/** Makes a test for node:test out of a body that gets a cluster, and the runner's context after it. */
export type ClusterTest = (body: TestBody<[t: NodeContext]>) => (t: NodeContext) => Promise<void>;

/** A cluster of its own for each test: `const orders = clusterPerTest({ topics: ['orders'] })`, `test('…', orders(async ({ cluster }, t) => …))`. */
export function clusterPerTest(options: ClusterOptions = {}): ClusterTest {
  return clusterTest(newClusters(options));
}

/** One cluster for all tests of a file or `describe`, reset before each. Used as `clusterPerTest` is. */
export function clusterPerFile(options: ClusterOptions = {}): ClusterTest {
  const file = new FileCluster(options);
  after(() => file.stop());
  return clusterTest(file);
}

function clusterTest(source: Source): ClusterTest {
  return (body) => async (t) => {
    const clusters = new TestClusters();
    const abandon = () => void abandoned(t, source, clusters);
    t.signal.addEventListener('abort', abandon, { once: true });
    try {
      await runTest(source, clusters, body, [t]);
    } finally {
      t.signal.removeEventListener('abort', abandon);
    }
  };
}

/** Reports and stops the clusters of a test that has timed out. The runner leaves its body running, and takes no more errors from it. */
async function abandoned(t: NodeContext, source: Source, clusters: TestClusters): Promise<void> {
  const { text } = await clusters.report();
  process.stderr.write(`${t.name}: the test is over, and its body has not ended\n\n${text}\n`);
  await source.abandon(clusters);
}
