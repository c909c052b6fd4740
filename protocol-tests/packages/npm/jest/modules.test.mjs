// Jest with ES modules: node --experimental-vm-modules node_modules/jest/bin/jest.js
import { expect, test } from '@jest/globals';
import { ControlError } from 'fauxka';
import { clusterPerTest } from 'fauxka/jest';

const orders = clusterPerTest({ topics: ['orders'] });

test('a module gets the same package', orders(async ({ cluster }) => {
  await expect(cluster.topics.create('orders')).rejects.toBeInstanceOf(ControlError);
}));
