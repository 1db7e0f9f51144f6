import type { StepResult } from '../../domain/evidence.ts';
import { parseArp, parseInterfaces, parseRoutes, parseRoutes6 } from '../proc/links.ts';
import { shown } from '../proc/raw.ts';
import { readProc } from '../proc/read.ts';
import { parseSockets, socketFiles } from '../proc/sockets.ts';
import type { SocketRecord } from '../records.ts';
import { fdsOf } from './open-files.ts';
import { type CollectScope, maxEntries, resultOf, type StepIo } from './request.ts';
import { link, oldestFirst } from './views.ts';
import { asJson, breathe, writeJson } from './write.ts';

/** Kept as they are. */
const otherFiles = ['nf_conntrack', 'sockstat', 'sockstat6', 'igmp', 'dev_mcast', 'snmp', 'netstat'];
/** Of one file, to be parsed; and of all texts that are kept as they are. */
const fileLimit = 16 << 20;
const rawLimit = 8 << 20;

/**
 * `files/network.json`. Each record names its network namespace (`netns`) when the processes have more than one; the raw texts of further
 * ones stand under `NETNS/NAME`. Value: `{ sockets, namespaces }`, how many.
 */
export async function collectNetwork(scope: CollectScope, { sink, signal }: StepIo): Promise<StepResult> {
  const owners = await ownersOf(scope, signal);
  const namespaces = namespacesOf(scope);
  const found: Record<'sockets' | 'arp' | 'routes' | 'interfaces', object[]> = { sockets: [], arp: [], routes: [], interfaces: [] };
  const raw: Record<string, string> = {};
  const reasons = new Set<string>();
  let rawLeft = rawLimit;
  for (const [index, { name, hostPid }] of namespaces.entries()) {
    const netns = namespaces.length > 1 ? { netns: name } : {};
    const text = async (file: string) => {
      signal.throwIfAborted();
      const content = await readProc(`${scope.proc}/${hostPid}/net/${file}`, fileLimit);
      if (content === null) return '';
      if (content.cut) reasons.add(`${file} is longer than ${fileLimit} bytes`);
      const whole = content.bytes.toString('latin1');
      const kept = whole.slice(0, Math.max(0, rawLeft));
      if (kept.length < whole.length) reasons.add('the raw texts are longer than the limit');
      rawLeft -= kept.length;
      raw[index === 0 ? file : `${name}/${file}`] = shown(kept);
      return whole;
    };
    for (const protocol of socketFiles) {
      const sockets = parseSockets(protocol, await text(protocol));
      const room = maxEntries - found.sockets.length;
      if (sockets.length > room) reasons.add(`more than ${maxEntries} sockets`);
      for (const socket of sockets.slice(0, room)) {
        const record: SocketRecord = { owners: owners.get(socket.inode) ?? [], ...socket };
        found.sockets.push({ ...record, ...netns });
      }
    }
    const arp = parseArp(await text('arp'));
    const routes = [...parseRoutes(await text('route')), ...parseRoutes6(await text('ipv6_route'))];
    const interfaces = parseInterfaces({ dev: await text('dev'), inet6: await text('if_inet6'), fib: await text('fib_trie') }, routes);
    for (const file of otherFiles) await text(file);
    found.arp.push(...arp.map((record) => ({ ...record, ...netns })));
    found.routes.push(...routes.map((record) => ({ ...record, ...netns })));
    found.interfaces.push(...interfaces.map((record) => ({ ...record, ...netns })));
  }
  if (namespaces.length === 0) reasons.add('no process tells of its network');
  const bytes = await writeJson(sink, 'files/network.json', { ...found, raw });
  const value = asJson({ sockets: found.sockets.length, namespaces: namespaces.length });
  return resultOf([...reasons], { share: namespaces.length === 0 ? 0 : 0.9, bytes, value });
}

/** One for each, that of the container's own process first. Names as the kernel gives them: `net:[4026532184]`. */
function namespacesOf({ proc, processes }: CollectScope): { name: string; hostPid: number }[] {
  const found = new Map<string, number>();
  for (const { hostPid } of oldestFirst(proc, processes)) {
    const name = link(`${proc}/${hostPid}/ns/net`);
    if (name !== '' && !found.has(name)) found.set(name, hostPid);
  }
  return [...found].map(([name, hostPid]) => ({ name, hostPid }));
}

async function ownersOf({ proc, processes }: CollectScope, signal: AbortSignal): Promise<Map<number, { pid: number; fd: number }[]>> {
  const found = new Map<number, { pid: number; fd: number }[]>();
  let looked = 0;
  for (const { hostPid, pid } of processes) {
    signal.throwIfAborted();
    for (const fd of fdsOf(proc, hostPid)) {
      const inode = /^socket:\[(\d+)\]$/.exec(link(`${proc}/${hostPid}/fd/${fd}`))?.[1];
      if (inode !== undefined) found.set(Number(inode), [...(found.get(Number(inode)) ?? []), { pid, fd }]);
      if (++looked > maxEntries) return found;
      if (looked % 256 === 0) await breathe();
    }
  }
  return found;
}
