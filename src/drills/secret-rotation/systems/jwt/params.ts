import { z } from 'zod';
import { duration, type SecretRef, secretRef, text } from '../../../../config/fields.ts';
import type { Take } from '../../deliver/schema.ts';
import { type HttpPoint, httpPoints } from '../../http-points.ts';
import { takeField } from '../../replicated/take.ts';
import { type Algorithm, algorithms, type Claims } from './token.ts';

export interface Params {
  readonly jwks: { readonly file: string; readonly in: { readonly service: string }; readonly take: Take };
  readonly points: readonly HttpPoint[];
  readonly purge: Take;
  readonly cache: number;
  readonly overlap: number;
  readonly algorithm: Algorithm;
  readonly claims: Claims;
  readonly ttl: number;
  readonly current?: { readonly kid: string; readonly key: SecretRef } | undefined;
  readonly signing?:
    | { readonly file: string; readonly in: { readonly service: string }; readonly format: 'pem' | 'jwk'; readonly take: Take }
    | undefined;
}

const path = () => z.string().startsWith('/', { error: 'is not an absolute path' });
const service = (what: string) => z.strictObject({ service: text().describe(what) });
const nothing: Take = {};

export const fields = {
  jwks: z
    .strictObject({
      file: path().describe('The file that is served as the key set (JWKS).'),
      in: service('The service in whose containers it is, each of its replicas.'),
      take: takeField().default(nothing).describe('How that service takes a file that was replaced.'),
    })
    .describe('Where the public keys are published.'),
  points: httpPoints(),
  purge: takeField().default(nothing).describe('How each verifier (of `points`) is made to forget the key set that it has fetched.'),
  cache: duration()
    .default(300_000)
    .describe(
      'The longest that a verifier keeps a key set. A canary is waited for as long; it is part of the overlap that a planned rotation needs.',
    ),
  overlap: duration().default(0).describe('How long a planned rotation keeps the old key beside the new one.'),
  algorithm: z.enum(algorithms).default('ES256').describe('How tokens are signed.'),
  claims: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
    .describe('Claims of the tokens that are minted: `iss`, `aud`, `sub` and what else the verifiers ask for; nobody’s real subject.'),
  ttl: duration({ min: 1_000 })
    .default(3_600_000)
    .describe('How long a minted token is valid; longer than the run. It is part of the overlap, too.'),
  current: z
    .strictObject({
      kid: text().describe('Its name in the key set.'),
      key: secretRef().describe('The private key, PEM or JWK.'),
    })
    .optional()
    .describe('The signing key that leaks; needed with `credential: real`.'),
  signing: z
    .strictObject({
      file: path().describe('The file from which the issuer has its private key.'),
      in: service('The issuer.'),
      format: z
        .enum(['pem', 'jwk'])
        .default('jwk')
        .describe('`jwk` carries the kid; with `pem` the issuer has to come to it by the thumbprint (RFC 7638).'),
      take: takeField().describe('How the issuer takes it.'),
    })
    .optional()
    .describe('Where the new private key goes; needed with `credential: real`.'),
};
