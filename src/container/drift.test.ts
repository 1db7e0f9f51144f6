import { expect, it } from 'vitest';
import { inspectOf } from '../../test/recreate/support/inspect.ts';
import type { FileChange, PathStat } from '../domain/engine/files.ts';
import { drift, listed } from './drift.ts';

function engine(changes: readonly FileChange[], modes: Readonly<Record<string, Partial<PathStat>>> = {}) {
  const asked: string[] = [];
  return {
    asked,
    changes: () => Promise.resolve([...changes]),
    statPath: (_: string, path: string) => {
      asked.push(path);
      return Promise.resolve({
        name: path,
        size: 1,
        mode: 0o644,
        isDirectory: false,
        isLink: false,
        isFile: true,
        isSocket: false,
        modifiedAt: '',
        ...modes[path],
      });
    },
  };
}

const mount = { Type: 'volume', Source: '/v', Destination: '/var/lib/data', Mode: '', RW: true };

it('counts files, and neither folders nor what is mounted', async () => {
  const found = await drift(
    engine(
      [
        { path: '/etc', kind: 'modified' },
        { path: '/etc/passwd', kind: 'modified' },
        { path: '/etc/shadow-', kind: 'deleted' },
        { path: '/tmp/x', kind: 'added' },
        { path: '/tmp/link', kind: 'added' },
        { path: '/opt/empty', kind: 'added' },
        { path: '/var/lib/data', kind: 'added' },
        { path: '/var/lib', kind: 'modified' },
        { path: '/scratch', kind: 'added' },
      ],
      { '/tmp/x': { mode: 0o755 }, '/tmp/link': { mode: 0o777, isLink: true }, '/opt/empty': { isDirectory: true, mode: 0o755 } },
    ),
    inspectOf({ mounts: [mount], host: { Tmpfs: { '/scratch': '' } } }),
  );
  expect(found).toEqual({
    files: 4,
    added: 2,
    modified: 1,
    deleted: 1,
    changes: [
      { path: '/etc/passwd', kind: 'modified' },
      { path: '/etc/shadow-', kind: 'deleted' },
      { path: '/tmp/link', kind: 'added' },
      { path: '/tmp/x', kind: 'added' },
    ],
    executables: ['/tmp/x'],
    notes: [],
  });
});

it('looks at no more than 200 of many files, and says so', async () => {
  const many = Array.from({ length: 5_000 }, (_, index): FileChange => ({ path: `/f/${String(index).padStart(5, '0')}`, kind: 'added' }));
  const asking = engine(many);
  const found = await drift(asking, inspectOf());
  expect(found.files).toBe(5_000);
  expect(found.changes).toHaveLength(listed);
  expect(asking.asked).toHaveLength(200);
  expect(new Set(asking.asked.map((path) => path.slice(0, 5)))).toMatchObject({ size: 5 });
  expect(found.notes).toEqual([
    '1000 of 5000 changes are listed',
    '200 of 5000 files, evenly picked, were looked at for folders and executables',
  ]);
});
