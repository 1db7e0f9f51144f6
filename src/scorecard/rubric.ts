/**
 * The rubric: the numbers by which a scorecard is computed. Data only; docs/rubric.md publishes it, and a test holds the two together.
 * A change of any number is a new rubric with a new id, so that grades of different days can be told apart.
 */
import type { Severity } from '../domain/words.ts';
import type { Letter } from './scorecard.ts';

export interface Rubric {
  readonly id: string;
  /** `YYYY-MM-DD`: from when on it holds. */
  readonly date: string;
  readonly areas: readonly RubricArea[];
  /** By kind of drill, in days. */
  readonly cadences: Readonly<Record<string, RubricCadence>>;
  /** The shortest cadence that counts, in days. */
  readonly shortestCadence: number;
  /** Proof expires after so many cadences. */
  readonly expiresAfter: number;
  readonly weights: Readonly<Record<Severity, number>>;
  /** What a kind of which nothing is proven weighs, besides what is broken in it. */
  readonly unproven: number;
  /** A time at its objective has the first share, one at so many times its objective half. */
  readonly timed: { readonly atObjective: number; readonly halfAt: number };
  /** The least share for each letter, the best first. */
  readonly letters: readonly { readonly letter: Letter; readonly from: number }[];
  /** Probes that, broken, are a door to the host. */
  readonly doors: readonly { readonly kind: string; readonly item: string; readonly title: string }[];
  /** The strictest first. */
  readonly caps: readonly { readonly rule: CapRule; readonly atMost: Letter }[];
  /** An area whose share is below this is at 0: it would be written as 0 %. */
  readonly zeroBelow: number;
  /** How long a waiver may last from the run that found what it waives, in days. */
  readonly waivedAtMost: number;
  /** How far ahead of the scorecard a proof may be dated, ms: clocks are a little apart. */
  readonly aheadAtMost: number;
}

export interface RubricArea {
  readonly area: string;
  readonly weight: number;
  readonly kinds: readonly string[];
}

export interface RubricCadence {
  /** Of a drill without a schedule. */
  readonly unscheduled: number;
  /** However rarely the schedule says. */
  readonly longest: number;
}

export type CapRule = 'door-to-the-host' | 'area-at-zero' | 'critical-broken' | 'kind-without-proof';

export const rubric: Rubric = {
  id: '2026-11',
  date: '2026-11-22',
  areas: [
    { area: 'sandbox', weight: 20, kinds: ['adversarial-probe'] },
    { area: 'segmentation', weight: 15, kinds: ['segmentation'] },
    { area: 'secrets', weight: 15, kinds: ['secret-rotation', 'crypto-anchor'] },
    { area: 'recycling', weight: 15, kinds: ['reverse-uptime'] },
    { area: 'forensics', weight: 15, kinds: ['forensic-freeze'] },
    { area: 'lifecycle', weight: 10, kinds: ['lifecycle'] },
    { area: 'detection', weight: 10, kinds: ['detection'] },
  ],
  cadences: {
    'adversarial-probe': { unscheduled: 7, longest: 30 },
    segmentation: { unscheduled: 7, longest: 30 },
    'secret-rotation': { unscheduled: 30, longest: 90 },
    'crypto-anchor': { unscheduled: 90, longest: 90 },
    'reverse-uptime': { unscheduled: 30, longest: 90 },
    'forensic-freeze': { unscheduled: 90, longest: 90 },
    lifecycle: { unscheduled: 30, longest: 90 },
    detection: { unscheduled: 7, longest: 30 },
  },
  shortestCadence: 1,
  expiresAfter: 4,
  weights: { critical: 10, high: 7.5, medium: 5, low: 2.5 },
  unproven: 10,
  timed: { atObjective: 0.9, halfAt: 3 },
  letters: [
    { letter: 'A+', from: 0.97 },
    { letter: 'A', from: 0.9 },
    { letter: 'B', from: 0.8 },
    { letter: 'C', from: 0.65 },
    { letter: 'D', from: 0.5 },
    { letter: 'F', from: 0 },
  ],
  doors: [
    { kind: 'adversarial-probe', item: 'FS-03', title: 'No container engine’s socket' },
    { kind: 'adversarial-probe', item: 'NET-11', title: 'No engine answers over TCP' },
    { kind: 'adversarial-probe', item: 'PRV-07', title: 'It is not privileged' },
    { kind: 'adversarial-probe', item: 'PRV-14', title: 'It does not see the host’s processes' },
  ],
  caps: [
    { rule: 'door-to-the-host', atMost: 'F' },
    { rule: 'area-at-zero', atMost: 'D' },
    { rule: 'critical-broken', atMost: 'C' },
    { rule: 'kind-without-proof', atMost: 'B' },
  ],
  zeroBelow: 0.005,
  waivedAtMost: 90,
  aheadAtMost: 3_600_000,
};
