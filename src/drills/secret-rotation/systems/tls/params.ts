import { z } from 'zod';
import { oneOf, type SecretRef, secretRef, text } from '../../../../config/fields.ts';
import type { Take } from '../../deliver/schema.ts';
import { type OwnCommand, ownCommand } from '../../replicated/own-command.ts';
import { takeField } from '../../replicated/take.ts';

export interface ServerCertificate {
  /** Paths in the servers' containers; they may be the same. */
  readonly certificate: string;
  readonly key: string;
}

/** How the servers are told which client certificates they may trust. */
export type Trust =
  /** A CRL; `revoke` gets a certificate on standard input and prints the list that has it. */
  | { readonly crl: string; readonly revoke: OwnCommand }
  /** A line for each certificate, with its SHA-256 fingerprint in it. */
  | { readonly fingerprints: string }
  /** PEM of each certificate itself, one after the other. */
  | { readonly certificates: string };

export interface ClientCertificate {
  readonly trust: Trust;
  readonly current?: SecretRef | undefined;
  readonly sessions?: Take | undefined;
}

export interface Params {
  readonly server: { readonly service: string; readonly port: number; readonly servername: string };
  readonly certificate: { readonly server: ServerCertificate } | { readonly client: ClientCertificate };
  readonly take: Take;
  readonly issue: OwnCommand;
}

const path = () => z.string().startsWith('/', { error: 'is not an absolute path' });

export const fields = {
  server: z
    .strictObject({
      service: text().describe('The service whose listeners are meant; each of its running replicas is an enforcement point.'),
      port: z.int().min(1).max(65_535).describe('Its TLS port, in its own network.'),
      servername: text().describe('The name that is asked for (SNI), and that a new server certificate must be good for.'),
    })
    .describe('The TLS servers.'),
  certificate: oneOf<Params['certificate']>(
    {
      server: () =>
        z.strictObject({
          server: z.strictObject({
            certificate: path().describe('File in the servers’ containers that holds the certificate and its chain, PEM.'),
            key: path().describe('File that holds its private key, PEM; may be the same.'),
          }),
        }),
      client: () =>
        z.strictObject({
          client: z.strictObject({
            trust: trust().describe('The file by which the servers know which client certificates to trust.'),
            current: secretRef().optional().describe('PEM of the client certificate and its key; needed with `credential: real`.'),
            sessions: takeField()
              .optional()
              .describe('How the servers are made to close connections that are open. Without it they are left, and said to be.'),
          }),
        }),
    },
    'certificate',
  ).describe('Whose certificate is rotated: the servers’ own, or one that clients show them.'),
  take: takeField().describe('How the servers take a file that was replaced.'),
  issue: ownCommand().describe('A command of your CA that prints a new certificate, its chain and its new key on standard output, in PEM.'),
};

function trust(): z.ZodType<Trust> {
  return oneOf<Trust>(
    {
      crl: () =>
        z.strictObject({
          crl: path().describe('A certificate revocation list, PEM.'),
          revoke: ownCommand().describe(
            'A command of your CA that revokes the certificate that it gets on standard input (PEM), and prints the new list on standard output.',
          ),
        }),
      fingerprints: () =>
        z.strictObject({
          fingerprints: path().describe('A line for each certificate, with its SHA-256 fingerprint in it, with or without colons.'),
        }),
      certificates: () =>
        z.strictObject({ certificates: path().describe('The trusted certificates themselves, PEM, one after the other.') }),
    },
    'trust',
  );
}
