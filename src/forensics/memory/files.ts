import { readdirSync } from 'node:fs';
import type { Vma } from './maps.ts';
import type { ProcessFacts } from './process.ts';
import { type Field, message } from './protobuf.ts';
import { parseFields, readLink, readText } from './read.ts';
import { readSockets, type Socket } from './sockets.ts';

/**
 * `files.img`: what the processes have open, mapped, as root and as working folder, for those who look at the archive with CRIU's tools.
 * The capture's own account of open files and sockets is another step, and whole; this one ends at `most` files.
 */
export interface FileTable {
  /** Its number in the table; 0 when the table is full. */
  mapped(vma: Pick<Vma, 'device' | 'inode' | 'path'>): number;
  path(path: string): number;
  /** Entries of the process's `fdinfo` image. */
  descriptors(process: ProcessFacts): Buffer[];
  /** Entries of `files.img`. */
  entries(): readonly Buffer[];
}

const most = 65_536;

/** CRIU's numbers for kinds of files (fdinfo.proto). */
const types = {
  regular: 1,
  pipe: 2,
  inet: 4,
  unix: 5,
  eventfd: 6,
  eventpoll: 7,
  inotify: 8,
  signalfd: 9,
  namespace: 14,
  external: 16,
  timerfd: 17,
};
const anonymous: Readonly<Record<string, number>> = {
  'anon_inode:[eventfd]': types.eventfd,
  'anon_inode:[eventpoll]': types.eventpoll,
  'anon_inode:inotify': types.inotify,
  inotify: types.inotify,
  'anon_inode:[signalfd]': types.signalfd,
  'anon_inode:[timerfd]': types.timerfd,
};

/** Who gets signals of the file: nobody that we know of. */
const noOwner = message([1, 2, 3, 4, 5].map((number) => [number, 0] as const));
const noOptions = message([1, 2, 3, 4, 5, 6].map((number) => [number, 0] as const));

export function createFileTable(): FileTable {
  const known = new Map<string, number>();
  const entries: Buffer[] = [];
  const networks = new Map<string, ReadonlyMap<string, Socket>>();

  /** A key that is known is the same file. */
  const add = (key: string, entry: (id: number) => readonly Field[]): number => {
    const found = known.get(key);
    if (found !== undefined) return found;
    if (entries.length === most) return 0;
    const id = entries.length + 1;
    known.set(key, id);
    entries.push(message(entry(id)));
    return id;
  };
  const regular = (key: string, name: string, flags = 0, position = 0) =>
    add(key, (id) => [
      [1, types.regular],
      [2, id],
      [
        3,
        message([
          [1, id],
          [2, flags],
          [3, position],
          [5, noOwner],
          [6, name],
        ]),
      ],
    ]);
  const socketsOf = (view: string) => {
    const namespace = readLink(`${view}/ns/net`) ?? view;
    const sockets = networks.get(namespace) ?? readSockets(view);
    networks.set(namespace, sockets);
    return sockets;
  };

  /** The type and the number of what a descriptor is. */
  const open = (view: string, key: string, target: string, flags: number, position: number): readonly [number, number] => {
    const inode = /^(socket|pipe):\[(\d+)\]$/.exec(target);
    if (inode?.[1] === 'pipe') {
      const pipe = (id: number) =>
        message([1, 2, 3, 4].map((n) => [n, n === 1 ? id : n === 2 ? Number(inode[2]) % 2 ** 32 : n === 3 ? flags : noOwner]));
      return [
        types.pipe,
        add(`${target} ${flags}`, (id) => [
          [1, types.pipe],
          [2, id],
          [18, pipe(id)],
        ]),
      ];
    }
    if (inode?.[1] === 'socket') {
      const socket = socketsOf(view).get(inode[2] ?? '');
      if (socket?.kind === 'inet') return [types.inet, add(target, (id) => inetEntry(id, Number(inode[2]), flags, socket))];
      if (socket?.kind === 'unix') return [types.unix, add(target, (id) => unixEntry(id, Number(inode[2]), flags, socket))];
      return [
        types.external,
        add(target, (id) => [
          [1, types.external],
          [2, id],
        ]),
      ];
    }
    if (target.startsWith('/')) return [types.regular, regular(key, target, flags, position)];
    const type = anonymous[target] ?? (/^[a-z]+:\[\d+\]$/.test(target) ? types.namespace : types.external);
    return [
      type,
      add(key, (id) => [
        [1, type],
        [2, id],
      ]),
    ];
  };

  return {
    mapped: ({ device, inode, path }) => regular(`mapped ${device} ${inode} ${path}`, path),
    path: (path) => regular(`path ${path}`, path),
    descriptors({ view, ref }) {
      if (view === null) return [];
      return fdsOf(view).flatMap((fd) => {
        const target = readLink(`${view}/fd/${fd}`);
        if (target === null || entries.length === most) return [];
        const info = descriptorInfo(`${view}/fdinfo/${fd}`);
        const [type, id] = open(view, `fd ${ref.hostPid} ${fd}`, target, info.flags, info.position);
        return id === 0
          ? []
          : [
              message([
                [1, id],
                [2, info.flags & closeOnExec ? 1 : 0],
                [3, type],
                [4, fd],
              ]),
            ];
      });
    },
    entries: () => entries,
  };
}

const closeOnExec = 0o2000000;

function fdsOf(view: string): number[] {
  try {
    return readdirSync(`${view}/fd`).map(Number);
  } catch {
    return [];
  }
}

function descriptorInfo(path: string): { readonly flags: number; readonly position: number } {
  try {
    const fields = parseFields(readText(path));
    return { flags: Number.parseInt(fields.get('flags') ?? '0', 8), position: Number(fields.get('pos') ?? 0) };
  } catch {
    return { flags: 0, position: 0 };
  }
}

function inetEntry(id: number, inode: number, flags: number, socket: Extract<Socket, { kind: 'inet' }>): readonly Field[] {
  const { family, type, protocol, state, source, destination } = socket;
  const entry = message([
    ...[id, inode % 2 ** 32, family, type, protocol, state, source.port, destination.port, flags, 0].map(
      (value, index) => [index + 1, value] as const,
    ),
    ...source.words.map((word) => [11, word] as const),
    ...destination.words.map((word) => [12, word] as const),
    [13, noOwner],
    [14, noOptions],
  ]);
  return [
    [1, types.inet],
    [2, id],
    [4, entry],
  ];
}

function unixEntry(id: number, inode: number, flags: number, { type, state, name }: Extract<Socket, { kind: 'unix' }>): readonly Field[] {
  const entry = message([
    ...[id, inode % 2 ** 32, type, state, flags, 0, 0, 0].map((value, index) => [index + 1, value] as const),
    [9, noOwner],
    [10, noOptions],
    [11, name],
  ]);
  return [
    [1, types.unix],
    [2, id],
    [16, entry],
  ];
}
