import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/hub/postgres-run.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Scenario tests start children and brokers; two files at once keep two cores busy without starving them.
    maxWorkers: 2,
    pool: 'forks',
  },
});
