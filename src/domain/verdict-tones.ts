import type { Verdict } from './words.ts';

/** How each is taken, wherever it is shown: a colour on a terminal, a colour and a sign in a report. */
export const verdictTones = {
  passed: 'good',
  failed: 'bad',
  error: 'bad',
  inconclusive: 'unsure',
  refused: 'unsure',
  aborted: 'unsure',
} as const satisfies Readonly<Record<Verdict, string>>;
