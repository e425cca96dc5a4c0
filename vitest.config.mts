import { defineConfig } from 'vitest/config';

/**
 * One project a kind of test. Everything that starts a helper runs one file at a time: the machine has two cores,
 * and leak counts look at the whole machine.
 */
const kind = (name: string, parallel: boolean, seconds: number, retry = 0) => ({
  test: {
    name,
    include: [`test/${name}/**/*.test.ts`],
    testTimeout: seconds * 1000,
    hookTimeout: seconds * 1000,
    fileParallelism: parallel,
    retry,
    pool: 'forks' as const,
  },
});

export default defineConfig({
  test: {
    reporters: ['default'],
    projects: [
      kind('unit', true, 20),
      kind('engine', false, 120),
      kind('clients', false, 180),
      kind('hostile', false, 120),
      kind('faults', false, 180),
      // A browser on two busy cores now and then loses a click to an animation; a second try is told in the report.
      kind('editor', false, 300, 1),
    ],
  },
});
