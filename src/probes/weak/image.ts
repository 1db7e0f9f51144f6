import type { WeakDummy } from './weak-dummy.ts';

const years = 3 * 365 * 86_400_000;

export const imageWeak: readonly WeakDummy[] = [
  {
    // named by a tag without a version, which names another image by now; no health check; a log that stays here
    name: 'moved',
    how: 'declared',
    image: { changes: [], createdBy: ['made'], moved: true },
  },
  { name: 'old', how: 'declared', laterMs: years },
  {
    name: 'added',
    how: 'declared',
    image: { changes: [], createdBy: ['/bin/sh', '-c', '#(nop)', 'ADD', 'https://example.invalid/app.tar.gz', 'in', '/app'] },
  },
  {
    // tools of an intruder in its search path, and no bill of materials
    name: 'tooled',
    how: 'run',
    config: { User: '0:0' },
    setUp:
      '$B mkdir -p /usr/local/bin && for t in sh bash apk gcc curl; do echo "#!/bin/sh" >/usr/local/bin/$t; $B chmod 755 /usr/local/bin/$t; done',
  },
];
