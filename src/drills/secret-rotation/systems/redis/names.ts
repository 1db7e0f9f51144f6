import { createHash } from 'node:crypto';

/** `pitwall_ab12cd`: the canary's name, and what the names of all of ours begin with. */
export function tagOf(runId: string): string {
  return `pitwall_${createHash('sha256').update(runId).digest('hex').slice(0, 6)}`;
}

/** An ACL user that a run made, whichever. */
export function isPitwalls(name: string): boolean {
  return /^pitwall_[0-9a-f]{6}(_|$)/.test(name);
}

export function isOfRun(name: string, tag: string): boolean {
  return name === tag || name.startsWith(`${tag}_`);
}

/** A copy is off, or the leaked password would let in under its name; so whether the original was on is in the name. */
export function copyName(tag: string, of: 'old' | 'fresh', on: boolean): string {
  return `${tag}_backup${of === 'old' ? '' : '2'}${on ? '' : '_off'}`;
}
