// One implementation for both kinds of modules, so that its classes are the same for all who use it.
export { Cluster, ClusterError, ControlError, ExpectationError, reportText, start, withCluster } from './index.js';
export type * from './index.js';
