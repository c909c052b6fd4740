export { clusterPerFile, clusterPerTest, withCluster } from './jest.js';
export type * from './jest.js';
