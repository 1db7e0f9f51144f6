/** Reads the kernel's socket tables (`/proc/net/tcp`, proc(5)). Leans on Node alone: it runs in a helper. */
import { isIPv4 } from 'node:net';

export interface SocketRow {
  readonly localAddress: string;
  readonly localPort: number;
  readonly address: string;
  readonly port: number;
  /** The kernel's number of the state: 1 is established, 10 listens; of UDP, 7 is not connected. */
  readonly state: number;
  /** Probes of a connection that stands idle that nobody answered. */
  readonly unanswered: number;
}

export const states = { established: 1, unconnected: 7, listens: 10 } as const;

export function parseSockets(text: string): SocketRow[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const fields = line.trim().split(/\s+/);
      const local = endpoint(fields[1]);
      const remote = endpoint(fields[2]);
      if (local === null || remote === null) return [];
      const state = Number.parseInt(fields[3] ?? '', 16);
      const unanswered = Number(fields[8] ?? 0);
      return [{ localAddress: local.address, localPort: local.port, ...remote, state, unanswered }];
    });
}

/** `0100007F:1F90`: words of four bytes, in the order of the machine, which on all that Docker runs on is the small end first. */
function endpoint(text: string | undefined): { address: string; port: number } | null {
  const match = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(text ?? '');
  if (match === null) return null;
  const bytes = (match[1] ?? '')
    .match(/.{8}/g)
    ?.flatMap((word) => (word.match(/../g) ?? []).toReversed().map((byte) => Number.parseInt(byte, 16)));
  return { address: addressOf(bytes ?? []), port: Number.parseInt(match[2] ?? '', 16) };
}

function addressOf(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.join('.');
  // v4 inside v6: one and the same listener takes both
  if (bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 0xff && bytes[11] === 0xff) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => (((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0)).toString(16));
  return shortened(groups.join(':'));
}

/** As the URL standard writes IPv6 addresses, which is how Node writes them too. */
function shortened(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

/** Nobody else can reach what listens there. */
export function isLoopback(address: string): boolean {
  return isIPv4(address) ? address.startsWith('127.') : address === '::1';
}
