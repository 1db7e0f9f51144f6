import { randomUUID } from 'node:crypto';
import { formatDuration } from '../../../../domain/duration.ts';
import type { ContainerInspect } from '../../../../domain/engine/containers.ts';
import { FailedError } from '../../../../domain/errors.ts';
import { Secret } from '../../../../domain/secret.ts';
import type { Take } from '../../deliver/schema.ts';
import { named, pointsNot, pointsOf } from '../../replicated/ask-points.ts';
import { type Hold, lettingGo } from '../../replicated/hold.ts';
import { backUp, type KeptFile, oneEach, ownersOf, readKept, replaceKept, whereOf } from '../../replicated/kept-file.ts';
import { nameOf } from '../../replicated/mark.ts';
import { dropBackups, putBack } from '../../replicated/put-back.ts';
import { settleMs, takeWords, tellAll } from '../../replicated/take.ts';
import type { Point, Rotation, SystemScope } from '../../system.ts';
import { thumbprint, withKey, withoutKey } from './key-set.ts';
import type { Params } from './params.ts';
import { mint, newSigningKey, publicJwk, type SigningKey } from './token.ts';

const skewMs = 60_000;

export interface Verifiers {
  readonly points: readonly Point[];
  readonly containers: readonly ContainerInspect[];
}

export function jwtRotation(
  params: Params,
  files: readonly KeptFile[],
  /** Null with a canary, and in a recovery. */
  current: SigningKey | null,
  { points, containers }: Verifiers,
  held: Hold,
  scope: SystemScope,
  /** A piece of the old key, as it is written where the drill has it from. */
  leaked: Secret | null = null,
): Rotation {
  const { credential, plan } = scope;
  const mark = nameOf(scope.runId);
  const sets = files.filter(({ delivery }) => delivery.secret.path === params.jwks.file);
  const signing = files.filter(({ delivery }) => delivery.secret.path === params.signing?.file);
  const settling = Math.max(settleMs(params.purge), settleMs(params.jwks.take));
  let old = current;
  let fresh: SigningKey | null = null;

  const rotation: Rotation = {
    points,
    async prepare() {
      for (const file of files) await backUp(file, held.scope);
      if (credential === 'canary') {
        old ??= newSigningKey(() => mark, params.algorithm);
        await publish(old, 'the canary key');
      }
      return { user: null, secret: tokenOf(known(old)) };
    },
    leaked: () => leaked,
    async derived() {
      const until = scope.clock.now() + params.ttl;
      return points.map((point) => ({ point, secret: tokenOf(known(old)), until }));
    },
    async issue() {
      fresh ??= newSigningKey(credential === 'canary' ? () => `${mark}_new` : thumbprint, params.algorithm);
      await publish(fresh, 'the new key');
      await handOver(fresh);
      return { user: null, secret: tokenOf(fresh) };
    },
    async refuse() {
      if (plan === 'planned') await keepBoth();
      const { kid } = known(old);
      await edit((content, what) => withoutKey(content, kid, what));
      await tellVerifiers();
      const behind = await pointsNot('refused', points, tokenOf(known(old)), containers, settling, scope);
      if (behind.length > 0)
        scope.notTaken(
          pointsOf(behind),
          `JWKS cached: the old key is published no more (${takeWords(params.purge)}), and its tokens are not refused at ${named(behind)}`,
        );
    },
    // Tokens are the sessions: they are tried one by one.
    endSessions: async () => ({ notAllowed: null }),
    sessionsLeft: async () => null,
    clear: () => (credential === 'canary' ? putBack(files, held, took) : dropBackups(files, held)),
    rollback: () => putBack(files, held, took),
  };
  return lettingGo(rotation, held);

  function tokenOf(key: SigningKey): Secret {
    return new Secret(mint(key, params.claims, randomUUID(), scope.clock.now(), params.ttl));
  }

  /** Its tokens are accepted everywhere when this resolves. */
  async function publish(key: SigningKey, what: string): Promise<void> {
    await edit((content, file) => withKey(content, publicJwk(key), file));
    await tellVerifiers();
    const wrong = await pointsNot('accepted', points, tokenOf(key), containers, Math.max(settling, params.cache), scope);
    if (wrong.length > 0) throw new FailedError('not_accepted', `tokens of ${what} are not accepted at ${named(wrong)}`);
  }

  /** The issuer signs with it from now on. A canary is never signed with by anybody else. */
  async function handOver(key: SigningKey): Promise<void> {
    const { signing: to } = params;
    if (credential === 'canary' || to === undefined) return;
    const { privateKey, kid, algorithm } = key;
    const jwk = { ...privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: algorithm };
    const content = to.format === 'jwk' ? `${JSON.stringify(jwk)}\n` : privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    for (const file of signing) await replaceKept(file, content, held.scope);
    await tellHolders(signing, to.take);
  }

  async function keepBoth(): Promise<void> {
    const needed = params.ttl + skewMs + params.cache;
    const said = `tokens of ${formatDuration(params.ttl)}, ${formatDuration(skewMs)} of clock skew and key sets cached for ${formatDuration(params.cache)} need both keys for ${formatDuration(needed)}`;
    scope.event('overlap', `${said}; the drill keeps them for ${formatDuration(params.overlap)}`);
    await scope.clock.sleep(params.overlap, scope.signal);
  }

  async function edit(change: (content: string, what: string) => string): Promise<void> {
    for (const file of sets) {
      const content = await readKept(file, held.scope);
      const changed = change(content, whereOf(file));
      if (changed !== content) await replaceKept(file, changed, held.scope);
    }
    await tellHolders(sets, params.jwks.take);
  }

  async function took(restored: readonly KeptFile[]): Promise<string[]> {
    if (params.signing !== undefined) await tellHolders(only(restored, signing), params.signing.take);
    await tellHolders(only(restored, sets), params.jwks.take);
    await tellVerifiers();
    if (old === null) return [];
    const wanted = credential === 'real' ? 'accepted' : 'refused';
    const wrong = await pointsNot(wanted, points, tokenOf(old), containers, settling, scope);
    if (credential === 'real')
      return wrong.map(({ point }) => `tokens of the key from before the run are not accepted at ${point.name}: restart it`);
    // nothing to put back: its private key ends with this process
    if (wrong.length > 0) scope.event('not-taken', `JWKS cached: the canary key is gone, and still known to ${named(wrong)}`);
    return [];
  }

  async function tellHolders(some: readonly KeptFile[], take: Take): Promise<void> {
    await tellAll(
      take,
      oneEach(some).map(({ delivery }) => delivery.container),
      held.scope,
    );
  }

  async function tellVerifiers(): Promise<void> {
    await tellAll(params.purge, ownersOf(containers), held.scope);
  }
}

function only(some: readonly KeptFile[], of: readonly KeptFile[]): KeptFile[] {
  return some.filter((file) => of.includes(file));
}

function known(key: SigningKey | null): SigningKey {
  if (key === null) throw new FailedError('step_failed', 'there is no old key: it was never prepared');
  return key;
}
