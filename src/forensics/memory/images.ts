import type { FileTable } from './files.ts';
import { image, inventoryImage, magic } from './image.ts';
import type { Vma } from './maps.ts';
import type { ProcessFacts, ThreadFacts } from './process.ts';
import { type Field, message, zigzag } from './protobuf.ts';
import { readLink } from './read.ts';
import { noRegisters, registerNames } from './registers.ts';

/**
 * The images of a process beside its pages, as far as programs that read checkpoints need them. They are not to be restored: what only
 * ptrace can tell is left empty.
 */

/** One file of `checkpoint/`. */
export interface ImageFile {
  readonly name: string;
  readonly content: Buffer;
}

/** A process in the images. */
export interface Imaged {
  /** Its number there. */
  readonly pid: number;
  readonly facts: ProcessFacts;
}

export interface ImagesOptions {
  readonly files: FileTable;
  /** As Node names it. */
  readonly architecture: string;
  /** Whether the number of a thread is still free for an image: a container in a container has numbers of its own. */
  takeNumber(tid: number): boolean;
}

/** CRIU's numbers for architectures (criu-core.proto), by Node's names. */
const machines: Readonly<Record<string, number>> = { x64: 1, arm: 2, arm64: 3, ppc64: 4, s390x: 5, loong64: 7, riscv64: 8 };

export function processImages({ pid, facts }: Imaged, { files, architecture, takeNumber }: ImagesOptions): ImageFile[] {
  const machine = machines[architecture] ?? 0;
  const [, ...others] = facts.threads;
  const view = facts.view;
  const link = (name: string) => (view === null ? '' : (readLink(`${view}/${name}`) ?? ''));
  const ids = [pid, pid, pid, pid];
  return [
    { name: `core-${pid}.img`, content: image(magic.core, [taskCore(facts, machine)]) },
    ...others
      .filter(({ tid }) => takeNumber(tid))
      .map((thread) => ({ name: `core-${thread.tid}.img`, content: image(magic.core, [threadCore(thread, machine)]) })),
    { name: `mm-${pid}.img`, content: image(magic.mm, [memoryEntry(facts, files, link('exe'))]) },
    { name: `ids-${pid}.img`, content: image(magic.ids, [message(ids.map((id, index) => [index + 1, id] as const))]) },
    { name: `fdinfo-${pid}.img`, content: image(magic.fdinfo, files.descriptors(facts)) },
    {
      name: `fs-${pid}.img`,
      content: image(magic.fs, [
        message([
          [1, files.path(link('cwd'))],
          [2, files.path(link('root'))],
        ]),
      ]),
    },
  ];
}

/**
 * `pstree.img`, `files.img` and `inventory.img`. A tree has one root: processes whose parent is outside (of `exec`), or has ended, hang on
 * the first.
 */
export function treeImages(all: readonly Imaged[], files: FileTable): ImageFile[] {
  const root = all.find(({ facts }) => facts.ref.ppid === 0) ?? all[0];
  const numbers = new Map(all.toReversed().map(({ pid, facts }) => [facts.ref.pid, pid]));
  const entries = all.map((each) => {
    const { pid, facts } = each;
    const parent = numbers.get(facts.ref.ppid);
    const hangsOn = parent === undefined || parent === pid ? (root?.pid ?? 0) : parent;
    return message([
      [1, pid],
      [2, each === root ? 0 : hangsOn],
      [3, facts.group],
      [4, facts.session],
      ...facts.threads.map(({ tid }, index) => [5, index === 0 ? pid : tid] as const),
    ]);
  });
  const inventory = message([
    // The version of the format.
    [1, 2],
    [2, true],
    [4, true],
  ]);
  return [
    { name: 'pstree.img', content: image(magic.pstree, entries) },
    { name: 'files.img', content: image(magic.files, files.entries()) },
    { name: 'inventory.img', content: inventoryImage(inventory) },
  ];
}

function taskCore(facts: ProcessFacts, machine: number): Buffer {
  const [leader] = facts.threads;
  const task = message([
    [1, stateOf(facts)],
    // exit code, personality, flags, blocked signals
    [2, 0],
    [3, 0],
    [4, Number(facts.stat[6] ?? 0)],
    [5, leader?.blocked ?? 0],
    [6, facts.comm],
  ]);
  return message([[1, machine], ...(leader === undefined ? [] : threadInfo(leader, machine)), [3, task]]);
}

function threadCore(thread: ThreadFacts, machine: number): Buffer {
  const core = message([
    [1, 0],
    [2, 0],
    [6, thread.blocked],
    [13, thread.comm],
  ]);
  return message([[1, machine], ...threadInfo(thread, machine), [5, core]]);
}

/** Alive, dead, stopped or zombie, in CRIU's numbers. */
function stateOf({ state, view }: ProcessFacts): number {
  if (view === null) return state === 'X' ? 2 : 6;
  return state === 'T' || state === 't' ? 3 : 1;
}

function threadInfo({ registers }: ThreadFacts, machine: number): readonly Field[] {
  if (machine !== 1) return [];
  const known = registers ?? noRegisters;
  const general = message(registerNames.map((name, index) => [index + 1, known[name]] as const));
  const floating = message([1, 2, 3, 4, 5, 6, 7, 8].map((number) => [number, 0] as const));
  return [
    [
      2,
      message([
        [1, 0],
        [2, general],
        [3, floating],
      ]),
    ],
  ];
}

function memoryEntry(facts: ProcessFacts, files: FileTable, exe: string): Buffer {
  // proc_pid_stat(5) counts from 1, and the first two are not in it.
  const field = (number: number) => Number(facts.stat[number - 3] ?? 0);
  const heap = facts.maps.find(({ path }) => path === '[heap]');
  // code, data, stack, heap, arguments, environment
  const places = [26, 27, 45, 46, 28, 47].map(field).concat(heap?.end ?? field(47), [48, 49, 50, 51].map(field));
  const words = Array.from({ length: Math.floor(facts.auxv.length / 8) }, (_, index) => facts.auxv.readBigUInt64LE(8 * index));
  return message([
    ...places.map((place, index) => [index + 1, place] as const),
    [12, exe === '' ? 0 : files.path(exe)],
    ...words.map((word) => [13, word] as const),
    ...facts.maps.map((vma) => [14, mappingEntry(vma, files)] as const),
    [15, 1],
  ]);
}

function mappingEntry(vma: Vma, files: FileTable): Buffer {
  const onFile = vma.inode !== 0 && vma.path.startsWith('/') && !vma.path.startsWith('/dev/zero') && !vma.path.startsWith('/SYSV');
  return message([
    [1, vma.start],
    [2, vma.end],
    [3, vma.offset],
    [4, onFile ? files.mapped(vma) : vma.inode],
    [5, (vma.read ? 1 : 0) | (vma.write ? 2 : 0) | (vma.execute ? 4 : 0)],
    [6, (vma.shared ? 1 : 2) | (onFile ? 0 : 0x20) | (vma.path === '[stack]' ? 0x100 : 0)],
    [7, statusOf(vma, onFile)],
    // No descriptor belongs to it.
    [8, zigzag(-1)],
  ]);
}

/** CRIU's VMA_AREA_ bits (include/image.h). */
function statusOf({ path, shared }: Vma, onFile: boolean): number {
  const regular = 1;
  if (path === '[stack]') return regular | (1 << 1) | (1 << 9);
  if (path === '[vsyscall]') return 1 << 2;
  if (path === '[vdso]') return regular | (1 << 3) | (1 << 9);
  if (path === '[vvar]' || path === '[vvar_vclock]') return regular | (1 << 12);
  if (onFile) return regular | (1 << (shared ? 7 : 6));
  return regular | (1 << (shared ? 8 : 9)) | (path === '[heap]' ? 1 << 5 : 0);
}
