import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Some hundred programs are started by the tests: each is up in half the time when its code was compiled before.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, 'node_modules/.cache/compiled');

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/seed.ts'],
    globalSetup: ['test/hub/postgres-run.ts'],
    // Far beyond what any takes alone: a machine may be busy, and none asserts how long something took.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Scenario tests start children and brokers, and wait for them most of the time: four files keep two cores busy.
    maxWorkers: 4,
    pool: 'forks',
  },
});
