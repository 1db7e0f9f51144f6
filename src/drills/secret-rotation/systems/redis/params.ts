import { z } from 'zod';
import { type SecretRef, secretRef, text } from '../../../../config/fields.ts';

/** The server reads users' rules separated by spaces, so no name has one. */
const userName = () => text().regex(/^\S+$/, { error: 'is not the name of an ACL user: it has a space' });

const server = z.strictObject({
  service: text().describe('The service of the server; each of its running replicas is an enforcement point, and is rotated by itself.'),
  port: z.int().min(1).max(65_535).default(6_379).describe('Its port, in its own network.'),
  replicas: z
    .array(text())
    .default([])
    .describe('Services of its Redis replicas, when they are others. Redis does not replicate users, so they are rotated as well.'),
});

const admin = z.strictObject({
  user: userName().default('default').describe('Who may change users (`ACL`) and end their sessions (`CLIENT KILL`).'),
  password: secretRef().describe('Where the password is; never the value itself.'),
});

export const methods = ['remove', 'resetpass', 'deluser'] as const;

export const fields = {
  server: server.describe('Where it is.'),
  admin: admin.describe('Who makes the changes.'),
  role: userName().describe('The ACL user whose credential leaks; with a canary, the user whose rules the canary gets.'),
  method: z
    .enum(methods)
    .default('remove')
    .describe(
      'How the old one is refused. `remove`: its password is removed, other passwords of the user stay. `resetpass`: all passwords but the new one are. `deluser`: the user is deleted, which ends its sessions, and made again with the new one. In plan `leak` the user is off meanwhile.',
    ),
  alternate: userName()
    .optional()
    .describe(
      '`plan: planned`, `credential: real`: the second of two users that take turns, made when it is not there. Without it the user has both passwords for a while, and ending the old sessions makes those who have the new one connect again.',
    ),
  current: secretRef()
    .optional()
    .describe(
      "`credential: real`: where the password in use is, for the attackers. Without it, it is read from the first consumer's file.",
    ),
};

export interface Params {
  readonly server: { readonly service: string; readonly port: number; readonly replicas: readonly string[] };
  readonly admin: { readonly user: string; readonly password: SecretRef };
  readonly role: string;
  readonly method: (typeof methods)[number];
  readonly alternate?: string | undefined;
  readonly current?: SecretRef | undefined;
}
