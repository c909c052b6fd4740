export { clusterPerFile, clusterPerTest, withCluster } from './node-test.js';
export type * from './node-test.js';
