import type { WeakDummy } from './weak-dummy.ts';

export const resourcesWeak: readonly WeakDummy[] = [
  {
    // what the engine claims of it does not bite: the kernel's side must be seen red, not the engine's word
    name: 'limitless',
    how: 'run',
    config: { User: '0:0' },
    host: { NanoCpus: 0, Ulimits: [{ Name: 'core', Soft: 1_000_000, Hard: 1_000_000 }] },
    // of CPU time the least that an engine takes: a busy host, too, gives it more than that
    claims: { PidsLimit: 32, Memory: 32 * 1024 * 1024, MemorySwap: 32 * 1024 * 1024, NanoCpus: 10_000_000 },
  },
  {
    name: 'unbounded',
    how: 'declared',
    host: { Memory: 64 * 1024 * 1024, MemorySwap: -1 },
    // the engine adds options of its own to those that are given
    claims: { LogConfig: { Type: 'json-file', Config: {} } },
  },
];
