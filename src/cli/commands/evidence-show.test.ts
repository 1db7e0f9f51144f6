import { expect, test } from 'vitest';
import type { OpenFileRecord, SocketRecord } from '../../forensics/records.ts';
import type { CaseDetail } from '../../forensics/service.ts';
import { createOutput } from '../output.ts';
import { showCase } from './evidence-show.ts';

const file: OpenFileRecord = { pid: 1, fd: 3, target: '/a', kind: 'file', deleted: false, inode: 5, size: 9, flags: null, position: 0 };
const socket: SocketRecord = {
  owners: [],
  protocol: 'tcp',
  local: '10.0.0.2:80',
  remote: '10.0.0.9:4000',
  state: 'established',
  inode: 77,
};

function shown(openFiles?: readonly OpenFileRecord[]): string {
  const written: string[] = [];
  const stream = { isTTY: false, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream;
  const container = { id: 'c', name: 'web', service: null, image: 'web:1', imageId: 'sha256:1', labels: {} };
  const evidence = { id: 'ev_1', container, state: 'whole', requestedAt: 0, hold: null, bytes: 0, seal: null, coverage: 1, reason: null };
  const none = { processes: [], files: [], images: [], coverage: [], seal: null, custody: [], timeline: [], alert: null };
  const detail = { evidence, ...none, sockets: [socket], ...(openFiles === undefined ? {} : { openFiles }) } as unknown as CaseDetail;
  showCase(createOutput(false, { stdout: stream, stderr: stream, env: {} }), detail, 0);
  return written.join('');
}

test('open files are shown when they are asked for, all of them, a socket with its addresses', () => {
  expect(shown()).not.toContain('OPEN FILE');
  const text = shown([
    file,
    { ...file, fd: 4, target: 'socket:[77]', kind: 'socket', inode: 77, size: null },
    { ...file, fd: 5, target: 'socket:[78]', kind: 'socket', inode: 78, size: null },
    ...Array.from({ length: 100 }, (_, i) => ({ ...file, pid: 2, fd: i, deleted: true })),
  ]);
  expect(text).toContain(
    '1\t3\t/a\tfile, 9 bytes\n1\t4\tsocket:[77]\tsocket, tcp 10.0.0.2:80 to 10.0.0.9:4000\n1\t5\tsocket:[78]\tsocket\n',
  );
  expect(text).toContain('2\t99\t/a\tfile, deleted, 9 bytes\n');
});

test('a name of an open file neither drives the terminal nor forges a line', () => {
  const text = shown([{ ...file, target: '/a\u001b[2J\n9\t9\tforged\u202e' }]);
  expect(text).toContain('1\t3\t/a\ufffd[2J\\n9 9 forged\ufffd\tfile, 9 bytes\n');
});
