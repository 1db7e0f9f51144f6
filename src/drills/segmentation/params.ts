import { z } from 'zod';
import { duration, parsedBy, text } from '../../config/fields.ts';
import type { Protocol } from '../../domain/matrix.ts';
import { good, type Parsed } from '../../domain/parsed.ts';
import { type Endpoint, parseEndpoint } from '../../probes/addresses.ts';
import { type PortRange, parsePorts } from './ports.ts';

export interface Rule {
  readonly from: string;
  readonly to: string;
  /** Null: every port. */
  readonly ports: readonly PortRange[] | null;
  readonly protocol: Protocol;
}

export interface Policy {
  readonly allow: readonly Rule[];
  readonly external: 'allow' | 'deny';
  /** Ports of the host that may be reached, or all, or none. */
  readonly host: 'allow' | 'deny' | readonly PortRange[];
  /** Names of volumes, or paths of the host, that more than one service may write to. */
  readonly volumes: readonly string[];
}

export interface Params {
  readonly policy: Policy;
  /** Stands for the outside. */
  readonly decoy: Endpoint | null;
  readonly egress: boolean;
  /** ms; 0 holds none. */
  readonly held: number;
}

const portForms = [
  { type: 'integer', minimum: 1, maximum: 65_535 },
  { type: 'string', pattern: '^[0-9]{1,5}( ?- ?[0-9]{1,5})?$' },
  { type: 'array', items: { type: ['integer', 'string'] }, minItems: 1 },
];

export const params: z.ZodType<Params> = z
  .strictObject({
    policy: z
      .strictObject({
        allow: z.array(ruleSchema()).default([]).describe('What may be connected to, and by whom. All else between containers is denied.'),
        external: z.enum(['deny', 'allow']).default('deny').describe('Whether the outside of the host may be reached.'),
        host: parsedBy((input): Parsed<Policy['host']> => (input === 'deny' || input === 'allow' ? good(input) : parsePorts(input)), {
          anyOf: [{ enum: ['deny', 'allow'] }, ...portForms],
          examples: ['deny', 9100],
          $comment: 'deny, allow or ports',
        })
          .prefault('deny')
          .describe('Whether services of the host itself may be reached at the networks’ gateways: none, all, or these ports.'),
        volumes: z
          .array(text())
          .default([])
          .describe('Volumes, or paths of the host, that more than one service may write to. Others are edges that no network shows.'),
      })
      .prefault({})
      .describe('What is meant. Without it everything is denied.'),
    decoy: parsedBy(parseEndpoint, {
      anyOf: [{ type: 'string' }],
      examples: ['10.0.0.9:443'],
      $comment: 'address and port',
    })
      .optional()
      .describe(
        'An address that stands for the outside and is connected to in its place; without `egress` it must lie in a network of the engine.',
      ),
    egress: z
      .boolean()
      .default(false)
      .describe('Lets connections leave the host, to see whether they can: to `decoy`, else to 192.0.2.1:80, where nobody is.'),
    held: duration()
      .prefault('0')
      .describe(
        'Holds every connection that was made open for this long, in which you change the rules, and tells which of them outlive the change.',
      ),
  })
  .transform(({ decoy = null, ...rest }) => ({ ...rest, decoy }));

function ruleSchema(): z.ZodType<Rule> {
  return z
    .strictObject({
      from: text().describe('A Compose service, or a container’s name.'),
      to: text().describe('A Compose service, or a container’s name.'),
      port: parsedBy(parsePorts, { anyOf: portForms, examples: [8080, '8000-8010'], $comment: 'port, range or list of those' })
        .optional()
        .describe('The container’s own port, not the published one; without it, every port.'),
      protocol: z.enum(['tcp', 'udp']).default('tcp').describe('What is spoken there.'),
    })
    .transform(({ port = null, ...rest }) => ({ ...rest, ports: port }));
}
