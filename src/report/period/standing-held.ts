import { compare } from '../order.ts';
import type { Expired, Held } from '../schema.ts';
import { commandFor } from '../wording.ts';
import type { Aged } from './aged.ts';
import { most } from './period.ts';

/** What holds, the same of several services told once. */
export function heldOf(proofs: readonly Aged[]): Held[] {
  const groups = grouped(proofs, ({ kind }) => [kind]);
  return groups.map(({ first: { kind, item }, title, at, expiresAt, ageing, ...subjects }) => {
    return { kind, item, title, ...subjects, at: iso(at), ageing, expiresAt: iso(expiresAt) };
  });
}

/** What held too long ago to prove anything, likewise, by the drill that would practise it again; what has waited longest first. */
export function expiredOf(proofs: readonly Aged[]): Expired[] {
  const groups = grouped(proofs, ({ kind, drill, engine }) => [kind, drill, engine]);
  return groups
    .toSorted((a, b) => a.at - b.at)
    .map(({ first, title, at, expiresAt, ageing: _ageing, ...subjects }) => {
      const { kind, engine, item } = first;
      const drill = first.drill === '' ? null : first.drill;
      const command = commandFor({ kind, drill, targets: [...first.targets] });
      return { kind, drill, engine, item, title, ...subjects, at: iso(at), expiredAt: iso(expiresAt), command };
    });
}

interface Group {
  readonly first: Aged;
  readonly title: string;
  readonly names: Set<string>;
  at: number;
  expiresAt: number;
  ageing: boolean;
}

function grouped(proofs: readonly Aged[], by: (proof: Aged) => readonly string[]) {
  const groups = new Map<string, Group>();
  for (const proof of proofs) {
    const title = proof.type === 'objective' ? `${proof.item.replaceAll('_', ' ')} is within its objective` : proof.title;
    const key = JSON.stringify([...by(proof), proof.item, title]);
    const { at, expiresAt } = proof;
    const group = groups.get(key) ?? { first: proof, title, names: new Set<string>(), at, expiresAt, ageing: false };
    if (proof.subject !== '') group.names.add(proof.subject);
    group.at = Math.min(group.at, at);
    group.expiresAt = Math.min(group.expiresAt, expiresAt);
    group.ageing ||= proof.ageing;
    groups.set(key, group);
  }
  return [...groups.values()]
    .map(({ names, ...group }) => {
      const sorted = [...names].sort(compare);
      return { ...group, subjects: sorted.slice(0, most.names), moreSubjects: Math.max(0, sorted.length - most.names) };
    })
    .sort((a, b) => compare(a.first.kind, b.first.kind) || compare(a.first.item, b.first.item) || compare(a.title, b.title));
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
