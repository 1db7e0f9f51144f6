import type { ContainerInspect } from '../../../../domain/engine/containers.ts';
import { FailedError, RefusedError } from '../../../../domain/errors.ts';
import { Secret } from '../../../../domain/secret.ts';
import { named, pointsNot, pointsOf } from '../../replicated/ask-points.ts';
import { type Hold, hold, lettingGo } from '../../replicated/hold.ts';
import { toJournal } from '../../replicated/journalled.ts';
import { backUp, type KeptFile, keptFiles, oneEach } from '../../replicated/kept-file.ts';
import { keyTrace } from '../../replicated/key-trace.ts';
import { someOf } from '../../replicated/own-command.ts';
import { dropBackups, putBack } from '../../replicated/put-back.ts';
import { settleMs as settling, takeWords, tellAll } from '../../replicated/take.ts';
import type { Credential, Point, Rotation, SystemScope } from '../../system.ts';
import { issued, type Whole } from './issued.ts';
import type { ClientCertificate, Params } from './params.ts';
import { readIdentity } from './pem.ts';
import { tlsPoints } from './points.ts';
import { trustFile, trustPath } from './trust.ts';

export async function openClient(params: Params, given: ClientCertificate, scope: SystemScope) {
  const { trust } = given;
  const containers = await someOf(params.server.service, scope);
  await someOf(params.issue.in.service, scope);
  if ('crl' in trust) await someOf(trust.revoke.in.service, scope);
  const current = scope.credential === 'real' ? currentOf(given, scope) : null;
  const held = hold(scope);
  try {
    const files = await keptFiles(containers, [trustPath(trust)], params.take, held.scope);
    await trustFile(trust, files, held, scope).check(current);
    const points = tlsPoints(params, containers, await scope.others());
    if (current !== null) {
      const wrong = await pointsNot('accepted', points, pemOf(current), containers, settling(params.take), scope);
      if (wrong.length > 0) throw new RefusedError('not_accepted', `the current client certificate is not accepted at ${named(wrong)}`);
    }
    return { rotation: clientRotation(params, given, files, current, points, containers, held, scope), data: toJournal(files) };
  } catch (error) {
    await held.letGo();
    throw error;
  }
}

export function clientRotation(
  params: Params,
  { trust, sessions }: ClientCertificate,
  files: readonly KeptFile[],
  /** Null with a canary, and in a recovery. */
  current: Whole | null,
  points: readonly Point[],
  containers: readonly ContainerInspect[],
  held: Hold,
  scope: SystemScope,
): Rotation {
  const { credential } = scope;
  const settleMs = settling(params.take);
  const list = trustFile(trust, files, held, scope);
  let old = current;
  let fresh: Whole | null = null;
  let revoked = false;

  const rotation: Rotation = {
    points,
    async prepare() {
      for (const file of files) await backUp(file, held.scope);
      if (credential === 'real') return credentialOf(known(old));
      old ??= await issued(params, [], scope);
      return welcome(old, 'the canary');
    },
    leaked: () => (old === null ? null : keyTrace(old.key)),
    async issue() {
      fresh ??= await issued(params, [known(old)], scope);
      return welcome(fresh, 'the new certificate');
    },
    async refuse() {
      revoked = true;
      await list.expel(known(old));
      await tellServers(files);
      const behind = await pointsNot('refused', points, pemOf(known(old)), containers, settleMs, scope);
      if (behind.length > 0)
        scope.notTaken(
          pointsOf(behind),
          `the old certificate is no longer trusted on disk (${takeWords(params.take)}), and not refused at ${named(behind)}`,
        );
    },
    async endSessions() {
      if (sessions !== undefined) await tellAll(sessions, serversOf(files), held.scope);
      else if (params.take.restart !== true)
        return {
          notAllowed: `nothing in the drill says how connections that are open at ${params.server.service} are closed (certificate.client.sessions)`,
        };
      return { notAllowed: null };
    },
    sessionsLeft: async () => null,
    async clear() {
      if (credential === 'real') return dropBackups(files, held);
      if (!('crl' in trust)) return putBack(files, held, took);
      return [...(await revokeCanary()), ...(await dropBackups(files, held))];
    },
    async rollback() {
      const left = await putBack(files, held, took);
      if (credential === 'real' && revoked && 'crl' in trust)
        left.push(`the CA has the old client certificate on its own list: have it taken off by hand, or the next list refuses it again`);
      return left;
    },
  };
  return lettingGo(rotation, held);

  async function welcome(identity: Whole, what: string): Promise<Credential> {
    await list.admit(identity);
    // A list of revoked ones says nothing of a new one.
    if (!('crl' in trust)) await tellServers(files);
    const wrong = await pointsNot('accepted', points, pemOf(identity), containers, settleMs, scope);
    if (wrong.length > 0) throw new FailedError('not_accepted', `${what} is not accepted at ${named(wrong)}`);
    return credentialOf(identity);
  }

  /** What was issued in place of the canary goes the same way. Its key is gone with this process, so that the list may only grow. */
  async function revokeCanary(): Promise<string[]> {
    if (fresh === null) return [];
    try {
      await list.expel(fresh);
      await tellServers(files);
      return [];
    } catch (error) {
      if (error instanceof FailedError)
        return [`${error.message}: the certificate that was issued for practice is still valid; revoke it by hand`];
      throw error;
    }
  }

  async function took(restored: readonly KeptFile[]): Promise<string[]> {
    await tellServers(restored);
    const now = credential === 'real' ? old : null;
    if (now === null) return [];
    const wrong = await pointsNot('accepted', points, pemOf(now), containers, settleMs, scope);
    return wrong.map(({ point }) => `the client certificate from before the run is not accepted at ${point.name}: restart it`);
  }

  async function tellServers(some: readonly KeptFile[]): Promise<void> {
    await tellAll(params.take, serversOf(some), held.scope);
  }
}

function serversOf(files: readonly KeptFile[]) {
  return oneEach(files).map(({ delivery }) => delivery.container);
}

function currentOf({ current }: ClientCertificate, scope: SystemScope): Whole {
  if (current === undefined)
    throw new RefusedError('no_current', 'with `credential: real` the drill has to say where the current client certificate is', {
      hint: 'certificate: { client: { current: { file: … } } }',
    });
  const what = 'the current client certificate';
  const { certificate, chain, key } = readIdentity(scope.secret(current, what).reveal(), what);
  if (key === null) throw new RefusedError('no_current', `${what} comes without its private key, so it cannot be tried`);
  return { certificate, chain, key };
}

function known(identity: Whole | null): Whole {
  if (identity === null) throw new FailedError('step_failed', 'there is no old certificate: it was never prepared');
  return identity;
}

function pemOf({ chain, key }: Whole): Secret {
  return new Secret(`${chain}${key}`);
}

function credentialOf(identity: Whole): Credential {
  return { user: null, secret: pemOf(identity) };
}
