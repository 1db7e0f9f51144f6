import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    globalSetup: ['test/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // An engine does not answer faster for being asked by more files at once: two cores, two files.
    maxWorkers: 2,
    // of tests that one file runs side by side: each of them keeps the engine busy
    maxConcurrency: 3,
  },
});
