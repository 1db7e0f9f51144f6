import type { Secret } from '../../../../domain/secret.ts';
import type { StepName } from './step.ts';

/** What a step is told, as JSON; null is what is not known. In the clear: for standard input and bodies alone. */
export interface Input {
  readonly step: StepName;
  readonly run: string;
  readonly plan: 'planned' | 'leak';
  readonly credential: 'canary' | 'real';
  /** That no other run has: what a step makes under it, `undo` finds again. */
  readonly name: string;
  /** Of the old credential. */
  readonly user: string | null;
  readonly old: string | null;
  readonly new: string | null;
  readonly newUser: string | null;
  readonly kept: { readonly old: Readonly<Record<string, string>>; readonly new: Readonly<Record<string, string>> };
}

/** A credential with what else its step gave. */
export interface Held {
  readonly user: string | null;
  readonly secret: Secret;
  readonly kept: Readonly<Record<string, Secret>>;
}

export interface Known {
  readonly runId: string;
  readonly plan: 'planned' | 'leak';
  readonly credential: 'canary' | 'real';
  readonly name: string;
  readonly old: Pick<Held, 'user'> & Partial<Held>;
  readonly fresh: Partial<Held>;
}

export function inputOf(step: StepName, known: Known): Input {
  const { old, fresh } = known;
  return {
    step,
    run: known.runId,
    plan: known.plan,
    credential: known.credential,
    name: known.name,
    user: old.user,
    old: old.secret?.reveal() ?? null,
    new: fresh.secret?.reveal() ?? null,
    newUser: fresh.user ?? null,
    kept: { old: revealed(old.kept), new: revealed(fresh.kept) },
  };
}

function revealed(kept: Held['kept'] = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(kept).map(([name, secret]) => [name, secret.reveal()]));
}
