import type { Sample } from './contract.ts';
import { answers, type SampleLine } from './lines.ts';

/** Samples of one series, kept as numbers: some 40 bytes each. */
export interface SeriesStore {
  /** `offset`: what is added to the helper's instants. */
  add(line: SampleLine, offset: number): void;
  samples(): readonly Sample[];
}

export function seriesStore(): SeriesStore {
  const numbers: number[] = [];
  const codes: (string | null)[] = [];
  const numberOf = new Map<string | null, number>();

  return {
    add([, due, started, ended, answer, code], offset) {
      numbers.push(due + offset, started + offset, ended + offset, answer, interned(code));
    },
    samples() {
      const samples: Sample[] = [];
      for (let i = 0; i < numbers.length; i += width) samples.push(sampleAt(i));
      return samples;
    },
  };

  function sampleAt(i: number): Sample {
    const at = (place: number) => numbers[i + place] ?? Number.NaN;
    return { dueAt: at(0), startedAt: at(1), endedAt: at(2), answer: answers[at(3)] ?? 'unknown', code: codes[at(4)] ?? null };
  }

  function interned(code: string | null): number {
    const known = numberOf.get(code);
    if (known !== undefined) return known;
    numberOf.set(code, codes.length);
    return codes.push(code) - 1;
  }
}

const width = 5;
