import { expect, test } from 'vitest';
import type { FileChange } from '../../../domain/engine/files.ts';
import { pathsToRead } from './layer.ts';

const changed = (lines: string): FileChange[] =>
  lines
    .trim()
    .split(/\s*\n\s*/)
    .map((line) => ({ kind: line.startsWith('A') ? 'added' : line.startsWith('D') ? 'deleted' : 'modified', path: line.slice(2) }));

test('the top of what is new, and each file that changed', () => {
  const paths = pathsToRead(
    changed('C /etc\nC /etc/passwd\nA /etc/new\nA /etc/new/deep\nA /etc/new/deep/f\nC /tmp\nA /tmp/one\nD /tmp/gone\nC /var\nD /var/x'),
    [],
  );
  expect(paths).toEqual([
    { path: '/etc/passwd', onlyFile: true },
    { path: '/etc/new', onlyFile: false },
    { path: '/tmp/one', onlyFile: false },
  ]);
});

test('nothing that is mounted, and not the folder that it is mounted in as a whole', () => {
  const paths = pathsToRead(changed('C /run\nA /run/secrets\nA /run/secrets/pw\nA /data\nA /data/in\nA /data/in/mount\nA /data/in/own'), [
    '/run/secrets/pw',
    '/data/in/mount',
  ]);
  expect(paths).toEqual([{ path: '/data/in/own', onlyFile: false }]);
});
