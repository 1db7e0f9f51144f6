import type { FindingState, Verdict } from '../../domain/words.ts';

/** What a colour means, everywhere; each has a sign of its own, so that none is told by its colour alone. */
export type Tone = 'best' | 'good' | 'unsure' | 'bad' | 'live' | 'quiet';

export type StateName =
  | Verdict
  | FindingState
  | 'best'
  | 'met'
  | 'missed'
  | 'ageing'
  | 'expired'
  | 'slower'
  | 'mended'
  | 'waived'
  | 'never'
  | 'running'
  | 'halted'
  | 'allowed';

export const signs: Readonly<Record<Tone, string>> = {
  best: '\u2605',
  good: '\u2713',
  unsure: '\u2248',
  bad: '\u2717',
  live: '\u25b8',
  quiet: '\u25cb',
};

const tones: Readonly<Record<StateName, Tone>> = {
  best: 'best',
  passed: 'good',
  holds: 'good',
  met: 'good',
  mended: 'good',
  allowed: 'good',
  inconclusive: 'unsure',
  ageing: 'unsure',
  slower: 'unsure',
  waived: 'unsure',
  expired: 'unsure',
  aborted: 'unsure',
  failed: 'bad',
  broken: 'bad',
  missed: 'bad',
  error: 'bad',
  halted: 'bad',
  running: 'live',
  refused: 'quiet',
  never: 'quiet',
  'not-applicable': 'quiet',
};

export interface StateProps {
  readonly is: StateName;
  /** Instead of the state's own name. */
  readonly word?: string;
  /** Only the sign is seen, the word is read out and shown on pointing: for rows of many. */
  readonly brief?: boolean;
}

/** A state as sign, word and colour. */
export function State({ is, word = is.replace('-', ' '), brief = false }: StateProps) {
  return <Mark tone={tones[is]} word={word} brief={brief} />;
}

export interface MarkProps {
  readonly tone: Tone;
  readonly word: string;
  readonly brief?: boolean;
}

/** For states that are no `StateName`. */
export function Mark({ tone, word, brief = false }: MarkProps) {
  return (
    <span class={`state ${tone}`} title={brief ? word : undefined}>
      <span class="sign" aria-hidden="true">
        {signs[tone]}
      </span>
      <span class={brief ? 'unseen' : 'word'}>{word}</span>
    </span>
  );
}
