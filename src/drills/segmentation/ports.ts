import type { Protocol } from '../../domain/matrix.ts';
import { bad, good, type Parsed } from '../../domain/parsed.ts';

/** From and to, both of them meant. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

export interface Port {
  readonly port: number;
  readonly protocol: Protocol;
}

const form = 'is not a port from 1 to 65535, a range or a list of those (try 8080, "8000-8010" or [80, 443])';

/** `8080`, `"8000-8010"`, `[80, "8000-8010"]`. */
export function parsePorts(input: unknown): Parsed<readonly PortRange[]> {
  const given: readonly unknown[] = Array.isArray(input) ? input : [input];
  const ranges = given.map(rangeOf);
  const known = ranges.filter((range) => range !== null);
  return known.length === given.length && known.length > 0 ? good(known) : bad(form);
}

function rangeOf(input: unknown): PortRange | null {
  const match = /^(\d{1,5})(?: ?- ?(\d{1,5}))?$/.exec(typeof input === 'number' ? String(input) : typeof input === 'string' ? input : '');
  if (match === null) return null;
  const [from, to] = [Number(match[1]), Number(match[2] ?? match[1])];
  return from >= 1 && to >= from && to <= 65_535 ? { from, to } : null;
}

export function includesPort(ranges: readonly PortRange[] | null, port: number): boolean {
  return ranges === null || ranges.some(({ from, to }) => from <= port && port <= to);
}

/** Those that were written one by one: a range is no claim that each of its ports is served. */
export function singlePorts(ranges: readonly PortRange[] | null): readonly number[] {
  return (ranges ?? []).filter(({ from, to }) => from === to).map(({ from }) => from);
}

/** `80/tcp`, as the engine writes it; null for what is neither TCP nor UDP. */
export function enginePort(text: string): Port | null {
  const [number = '', protocol = 'tcp'] = text.split('/');
  return protocol === 'tcp' || protocol === 'udp' ? { port: Number(number), protocol } : null;
}
