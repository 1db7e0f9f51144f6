import { expect, test } from 'vitest';
import { coreHead } from './core-head.ts';
import { encodeStatsDump, pagemapImage } from './image.ts';
import { parseMaps } from './maps.ts';
import { parseStat } from './process.ts';
import { message, readVarint, varintSize, writeVarint, zigzag } from './protobuf.ts';
import { parseRegisters } from './registers.ts';
import { createRuns } from './runs.ts';

test('numbers of any length are written as Protocol Buffers have them', () => {
  expect(message([[1, 150]]).toString('hex')).toBe('089601');
  expect(message([[2, 'testing']]).toString('hex')).toBe('120774657374696e67');
  expect(
    message([
      [15, true],
      [16, undefined],
    ]).toString('hex'),
  ).toBe('7801');
  expect(zigzag(-1)).toBe(1);
  for (const value of [0, 127, 128, 16_383, 16_384, 2 ** 32 - 1, 2 ** 47 - 4096]) {
    const out = Buffer.alloc(10);
    expect(writeVarint(out, 0, value)).toBe(varintSize(value));
    expect(readVarint(out, 0)).toEqual({ value, next: varintSize(value) });
    expect(message([[1, BigInt(value)]])).toEqual(message([[1, value]]));
  }
  expect(message([[1, 2n ** 64n - 1n]]).toString('hex')).toBe('08ffffffffffffffffff01');
  expect(readVarint(Buffer.from([0x80]), 0)).toBeNull();
});

test('a name may hold what it likes', () => {
  expect(parseStat('12 (a) R 1 (b\n) S 3 4 5\n')).toEqual({ comm: 'a) R 1 (b\n', fields: ['S', '3', '4', '5'] });
  const [vma] = parseMaps('7f0000000000-7f0000002000 r-xp 00001000 fe:00 77                         /tmp/a\\012b\r\x85 \xff (deleted)\n');
  expect(vma).toMatchObject({ start: 0x7f0000000000, end: 0x7f0000002000, execute: true, write: false, offset: 4096, inode: 77 });
  expect(vma?.path).toBe('/tmp/a\nb\r\x85 \xff (deleted)');
});

test('registers are read of a thread in a system call and outside of one', () => {
  expect(parseRegisters('35 0x1 0x2 0x3 0x4 0x5 0x6 0x7ffc00000010 0x401234\n')).toMatchObject({
    orig_ax: 35n,
    di: 1n,
    r9: 6n,
    sp: 0x7ffc00000010n,
    ip: 0x401234n,
  });
  expect(parseRegisters('-1 0x7ffc00000010 0x401234\n')).toMatchObject({ orig_ax: 2n ** 64n - 1n, sp: 0x7ffc00000010n, ip: 0x401234n });
  expect(parseRegisters('running\n')).toBeNull();
});

test('an entry of the page map has its count twice, for the programs of before and after CRIU 4.2', () => {
  const runs = createRuns();
  runs.push(0x400, 300);
  const map = pagemapImage(7, runs, 4096);
  const content = Buffer.concat([...map.chunks()]);
  expect(content).toHaveLength(map.bytes);
  expect(content.subarray(8 + 4 + 2).toString('hex')).toBe(`0d000000${'0880808002'}${'10ac02'}${'2004'}${'28ac02'}`);
});

test('more segments than the header can count are counted in a section', () => {
  const runs = createRuns();
  for (let index = 0; index < 70_000; index++) runs.push(16 + 2 * index, 1);
  const [vma] = parseMaps(`10000-${(0x10000 + 140_000 * 4096).toString(16)} rw-p 00000000 00:00 0\n`);
  const head = coreHead(vma === undefined ? [] : [vma], runs, Buffer.from('note'), 4096);
  const content = Buffer.concat([...head.chunks()]);
  expect(content).toHaveLength(head.bytes);
  expect(head.bytes % 4096).toBe(0);
  expect(content.readUInt16LE(56)).toBe(0xffff);
  const section = Number(content.readBigUInt64LE(40));
  expect(content.readUInt32LE(section + 44)).toBe(140_001);
  const notes = Number(content.readBigUInt64LE(64 + 8));
  expect(content.toString('latin1', notes, notes + 4)).toBe('note');
  const last = 64 + 56 * 139_999;
  expect(Number(content.readBigUInt64LE(last + 8))).toBe(head.bytes + 69_999 * 4096);
});

test('what CRIU says of a dump is said as it does', () => {
  const dump = encodeStatsDump({ freezingUs: 1, frozenUs: 2, memdumpUs: 3, memwriteUs: 4, pagesScanned: 300, pagesWritten: 5 });
  expect(dump.toString('hex')).toBe(`4059105506330957${'13000000'}0a11${'08011002180320042'}8ac02300038054800`);
});
