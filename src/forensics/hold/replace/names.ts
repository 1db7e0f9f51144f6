import { createHash } from 'node:crypto';

const stemLength = 36;

export interface ReplaceNames {
  /** What the fresh one is called until it takes the name. */
  readonly fresh: string;
  /** What the frozen one is called from then on. */
  readonly parked: string;
}

/** The same for one container of one case, so that what was created before its id was written down is found again. At most 63 characters. */
export function replaceNames(evidenceId: string, id: string, name: string): ReplaceNames {
  const hash = createHash('sha256').update(`${evidenceId}\n${id}`).digest('hex').slice(0, 10);
  const stem = name.slice(0, stemLength);
  return { fresh: `${stem}.pitwall-new-${hash}`, parked: `${stem}.pitwall-frozen-${hash}` };
}
