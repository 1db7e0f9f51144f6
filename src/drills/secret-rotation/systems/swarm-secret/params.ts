import { duration, type SecretRef, secretRef, text } from '../../../../config/fields.ts';
import { type HttpPoint, httpPoints } from '../../http-points.ts';

/** Swarm's own rule for names of secrets. */
const nameRule = /^[a-zA-Z0-9]([\w.-]{0,62}[a-zA-Z0-9])?$/;

export const fields = {
  secret: text()
    .regex(nameRule, { error: 'is not the name of a Swarm secret (try api_token)' })
    .describe('Name of the secret, with or without its version (`api_token`, `api_token_v2`): the version that services use is rotated.'),
  points: httpPoints(),
  from: text().describe(
    'A service of the targets that does not use the secret and shares a network with every point: its containers stay, so the attackers try from there.',
  ),
  alsoReads: text()
    .regex(/^[\w.-]+$/, { error: 'is not the name of a file below /run/secrets (try api_token_other)' })
    .optional()
    .describe(
      'A second file below /run/secrets that the services of `points` read as well: they accept what either file holds. Plan `planned` needs it: with one file a task accepts one version.',
    ),
  current: secretRef()
    .optional()
    .describe(
      'Where the value in use is, for the attackers. Without it, it is read from the file in a running task, with the `cat` of its image.',
    ),
  updateWithin: duration({ min: 1_000 }).prefault('2m').describe('How long the tasks of one service may take to be replaced.'),
};

export interface Params {
  readonly secret: string;
  readonly points: readonly HttpPoint[];
  readonly from: string;
  readonly alsoReads?: string | undefined;
  readonly current?: SecretRef | undefined;
  /** ms */
  readonly updateWithin: number;
}
