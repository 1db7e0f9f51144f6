import { inetEnd, unmapped } from '../domain/proc-net.ts';
import type { Seen, StepResult } from './probe.ts';
import type { ScriptStep } from './script.ts';

/**
 * What shows a container's processes and sockets, from inside its PID and network namespaces. Arguments may hold secrets: none of it is recorded.
 * `first`: what the first process is called in the PID namespace that it is seen from; null where that is not known.
 */
export function seenStepsOf(first: number | null): readonly ScriptStep[] {
  return [
    ...(first === null
      ? []
      : [{ key: 'seen/status', name: 'status', run: `$B cat /proc/${first}/status`, bytes: 8_192, confidential: true }]),
    ...others,
  ];
}

const others: readonly ScriptStep[] = [
  {
    key: 'seen/tcp',
    name: 'tcp',
    // the heading shows that there was something to read
    run: '$B cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | $B awk \'$1 == "sl" { print "read" } $4 == "0A" { print $2 }\'',
    bytes: 65_536,
    confidential: true,
  },
  {
    key: 'seen/udp',
    name: 'udp',
    // last, so that it is there only when all the others are; 07: connected to nobody
    run: '$B cat /proc/net/udp /proc/net/udp6 2>/dev/null | $B awk \'$4 == "07" { print $2 }\'; $B grep -q local_address /proc/net/udp && $B cat /proc/sys/net/ipv4/ip_local_port_range',
    bytes: 65_536,
    confidential: true,
  },
  {
    key: 'seen/unix',
    name: 'unix',
    run: "$B awk '$8 ~ /^@/ { print $8 }' /proc/net/unix | $B sort -u",
    bytes: 16_384,
    confidential: true,
  },
  {
    key: 'seen/interfaces',
    name: 'interfaces',
    run: "$B awk -F: 'NF > 1 { print $1 }' /proc/net/dev",
    bytes: 8_192,
    confidential: true,
  },
  {
    key: 'seen/processes',
    name: 'processes',
    run: `for p in /proc/[0-9]*; do a=$($B tr '\\0\\n' '\\001 ' <$p/cmdline 2>/dev/null) && printf '%s\\001%s\\n' "\${p#/proc/}" "$a"; done; true`,
    bytes: 65_536,
    confidential: true,
  },
];

/** Of a container that sees its own processes only. */
export const seenSteps: readonly ScriptStep[] = seenStepsOf(1);

/** Null when the first process could not be read, or where it was not looked for, nothing else: then nothing was seen. */
export function readSeen(results: ReadonlyMap<string, StepResult>): Seen | null {
  const status = results.get('seen/status');
  if ((status === undefined ? results.get('seen/processes') : status)?.exitCode !== 0) return null;
  return {
    status: Object.fromEntries(
      (status?.output ?? '').split('\n').flatMap((line) => {
        const at = line.indexOf(':');
        return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1).trim()]];
      }),
    ),
    processes: lines(results.get('seen/processes')).map((line) => {
      const [pid = '', ...argv] = line.split('\u0001');
      return { pid: Number(pid), argv: argv.filter((arg) => arg !== '') };
    }),
    processesRead: isWhole(results.get('seen/processes')) && results.get('seen/processes')?.exitCode === 0,
    listeners: lines(results.get('seen/tcp')).flatMap(listener),
    datagrams: lines(results.get('seen/udp')).flatMap(listener),
    anyPorts: anyPortsOf(results.get('seen/udp')),
    // a name is filled up to its full length with zeros, which the kernel shows as @
    abstract: lines(results.get('seen/unix')).map((name) => name.replace(/@+$/, '')),
    abstractRead: isWhole(results.get('seen/unix')) && results.get('seen/unix')?.exitCode === 0,
    listenersRead: isWhole(results.get('seen/tcp')) && lines(results.get('seen/tcp')).includes('read'),
    interfaces: lines(results.get('seen/interfaces')).map((line) => line.trim()),
  };
}

/** A line is the local end of a socket, `0100007F:1F90`. */
function listener(text: string): Seen['listeners'] {
  const end = inetEnd(text);
  return end === null ? [] : [{ address: unmapped(end.address), port: end.port }];
}

/** Its last line, there only where the list before it was read. */
function anyPortsOf(result: StepResult | undefined): Seen['anyPorts'] {
  const [, from, to] = /^(\d+)\s+(\d+)$/.exec(lines(result).at(-1) ?? '') ?? [];
  return result?.exitCode !== 0 || !isWhole(result) || from === undefined ? null : [Number(from), Number(to)];
}

/** Neither cut off nor ended after its time: that it failed otherwise may only say that there is no such list. */
function isWhole(result: StepResult | undefined): boolean {
  return result?.cut !== true && result?.exitCode !== 137;
}

function lines(result: StepResult | undefined): string[] {
  return (result?.output ?? '').split('\n').filter((line) => line !== '');
}
