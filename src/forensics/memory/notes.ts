import type { Vma } from './maps.ts';
import type { ProcessFacts, ThreadFacts } from './process.ts';
import { noRegisters, registerNames } from './registers.ts';

const prstatus = 1;
const prpsinfo = 3;
const auxv = 6;
const file = 0x46494c45;

/** The notes of an ELF core of x86_64, as the kernel writes them (fs/binfmt_elf.c): what debuggers take threads, names and libraries from. */
export function coreNotes(process: ProcessFacts, pageSize: number): Buffer {
  const [leader, ...others] = process.threads;
  return Buffer.concat([
    ...(leader === undefined ? [] : [note(prstatus, threadStatus(process, leader))]),
    note(prpsinfo, processInfo(process)),
    note(auxv, process.auxv),
    note(file, mappedFiles(process.maps, pageSize)),
    ...others.map((thread) => note(prstatus, threadStatus(process, thread))),
  ]);
}

function note(type: number, content: Buffer): Buffer {
  const head = Buffer.alloc(12 + 8);
  head.writeUInt32LE(5, 0);
  head.writeUInt32LE(content.length, 4);
  head.writeUInt32LE(type, 8);
  head.write('CORE', 12);
  return Buffer.concat([head, content, Buffer.alloc(-content.length & 3)]);
}

/** `struct elf_prstatus` */
function threadStatus(process: ProcessFacts, thread: ThreadFacts): Buffer {
  const out = Buffer.alloc(336);
  out.writeBigUInt64LE(thread.pending, 16);
  out.writeBigUInt64LE(thread.blocked, 24);
  writeNumbers(out, 32, process, thread.tid);
  const registers = thread.registers ?? noRegisters;
  for (const [index, name] of registerNames.entries()) out.writeBigUInt64LE(registers[name], 112 + 8 * index);
  return out;
}

/** `struct elf_prpsinfo` */
function processInfo(process: ProcessFacts): Buffer {
  const out = Buffer.alloc(136);
  out.writeUInt8(Math.max(0, 'RSDTZW'.indexOf(process.state)), 0);
  out.write(process.state, 1, 1, 'latin1');
  out.writeUInt8(process.state === 'Z' ? 1 : 0, 2);
  out.writeInt8(Number(process.stat[16] ?? 0), 3);
  out.writeUInt32LE(Number(process.stat[6] ?? 0), 8);
  out.writeUInt32LE(process.uid, 16);
  out.writeUInt32LE(process.gid, 20);
  writeNumbers(out, 24, process, process.ref.pid);
  out.write(process.comm, 40, 15, 'latin1');
  out.write(process.arguments, 56, 79, 'latin1');
  return out;
}

function writeNumbers(out: Buffer, at: number, process: ProcessFacts, id: number): void {
  for (const [index, value] of [id, process.ref.ppid, process.group, process.session].entries()) out.writeInt32LE(value, at + 4 * index);
}

/** How many, and the unit; start, end and offset in that unit for each; the names. */
function mappedFiles(maps: readonly Vma[], pageSize: number): Buffer {
  const mapped = maps.filter((vma) => vma.inode !== 0);
  const table = Buffer.alloc(16 + 24 * mapped.length);
  table.writeBigUInt64LE(BigInt(mapped.length), 0);
  table.writeBigUInt64LE(BigInt(pageSize), 8);
  for (const [index, vma] of mapped.entries()) {
    for (const [field, value] of [vma.start, vma.end, Math.floor(vma.offset / pageSize)].entries())
      table.writeBigUInt64LE(BigInt(value), 16 + 24 * index + 8 * field);
  }
  return Buffer.concat([table, Buffer.from(mapped.map(({ path }) => `${path}\0`).join(''), 'latin1')]);
}
