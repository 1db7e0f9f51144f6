import { z } from 'zod';
import { type SecretRef, secretRef, text } from '../../../../config/fields.ts';

const server = z.strictObject({
  service: text().describe('The service of the server; each of its running replicas is an enforcement point.'),
  port: z.int().min(1).max(65_535).default(5_432).describe('Its port, in its own network.'),
  database: text().default('postgres').describe('The database to log in to.'),
});

const admin = z.strictObject({
  user: text().default('postgres').describe('Who may make roles, change them and end their sessions.'),
  password: secretRef().describe('Where the password is; never the value itself.'),
});

export const fields = {
  server: server.describe('Where it is.'),
  admin: admin.describe('Who makes the changes.'),
  role: text().describe('The role whose credential leaks; with a canary, the role whose rights the canary gets.'),
  alternate: text()
    .optional()
    .describe(
      '`credential: real`: the second of two roles that take turns, made when it is not there. Plan `planned` needs it: a role has one password at a time.',
    ),
  current: secretRef()
    .optional()
    .describe(
      "`credential: real`: where the password in use is, for the attackers. Without it, it is read from the first consumer's file.",
    ),
  points: z
    .array(
      z.strictObject({
        service: text().describe('A service that lets the same roles in.'),
        port: z.int().min(1).max(65_535).default(5_432).describe('Its port.'),
      }),
    )
    .default([])
    .describe('Further enforcement points, where nothing is changed but everything is tried: read replicas, poolers.'),
};

export interface Params {
  readonly server: { readonly service: string; readonly port: number; readonly database: string };
  readonly admin: { readonly user: string; readonly password: SecretRef };
  readonly role: string;
  readonly alternate?: string | undefined;
  readonly current?: SecretRef | undefined;
  readonly points: readonly { readonly service: string; readonly port: number }[];
}
