import { configDefaults, defineConfig } from 'vitest/config';

/** Longer ones, that `npm run test:full` alone has: `npm test` must end within twenty minutes on two cores. */
const long = [
  'test/anchor/bad-input.test.ts',
  'test/crash/killed-run.test.ts',
  'test/dockerfile.test.ts',
  'test/forensics/crash-freeze.test.ts',
  'test/forensics/drill-freeze.test.ts',
  'test/forensics/freeze-trouble.test.ts',
  'test/forensics/hold-kill.test.ts',
  'test/forensics/hold-leases.test.ts',
  'test/forensics/hold-quarantine.test.ts',
  'test/forensics/hold-replace.test.ts',
  'test/lifecycle/bad-input.test.ts',
  'test/lifecycle/clones.test.ts',
  'test/lifecycle/killed.test.ts',
  'test/recreate/killed.test.ts',
  'test/recreate/same-container.test.ts',
  'test/rotation/clock-set.test.ts',
  'test/rotation/whole-systems.test.ts',
  'test/run/engine-lost.test.ts',
  'test/run/steady-state.test.ts',
  'test/run/stopping.test.ts',
];

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...(process.env.PITWALL_TEST_FULL === undefined ? long : [])],
    globalSetup: ['test/global-setup.ts'],
    // Four times and more of what a quiet machine takes: only what hangs is to end here.
    testTimeout: 180_000,
    hookTimeout: 300_000,
    // a second is nothing to an engine that is busy
    expect: { poll: { timeout: 30_000 } },
    // An engine does not answer faster for being asked by more files at once: two cores, two files.
    maxWorkers: 2,
    // of tests that one file runs side by side: each of them keeps the engine busy
    maxConcurrency: 3,
  },
});
