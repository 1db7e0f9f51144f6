import { FailedError } from '../../../../domain/errors.ts';
import { runOwn } from '../../replicated/own-command.ts';
import type { SystemScope } from '../../system.ts';
import type { Params } from './params.ts';
import { type Identity, readIdentity, sameKey } from './pem.ts';

export type Whole = Identity & { readonly key: string };

/** A new certificate from the user's CA. Throws `FailedError` when it is of no use: expired, with the old key, or for another name. */
export async function issued(params: Params, others: readonly Identity[], scope: SystemScope): Promise<Whole> {
  const what = `what ${params.issue.exec[0]} printed`;
  const identity = readIdentity(await runOwn('the issue of a certificate', params.issue, undefined, scope), what);
  const { certificate, chain, key } = identity;
  if (key === null) throw new FailedError('not_a_certificate', `${what} holds no private key in PEM`);
  const now = scope.clock.now();
  if (Date.parse(certificate.validTo) <= now || Date.parse(certificate.validFrom) > now)
    throw new FailedError(
      'not_a_certificate',
      `${what} is not valid now: it holds from ${certificate.validFrom} to ${certificate.validTo}`,
    );
  if (others.some((other) => sameKey(other.certificate, certificate)))
    throw new FailedError('same_key', `${what} has the key of the old certificate, and whoever has that key has the new one as well`, {
      hint: 'let the command make a new key',
    });
  const { servername } = params.server;
  if ('server' in params.certificate && certificate.checkHost(servername) === undefined)
    throw new FailedError('not_a_certificate', `${what} is no certificate for ${servername}`);
  return { certificate, chain, key };
}
