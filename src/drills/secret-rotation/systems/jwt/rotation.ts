import { randomUUID } from 'node:crypto';
import { formatDuration } from '../../../../domain/duration.ts';
import type { ContainerInspect } from '../../../../domain/engine.ts';
import { FailedError } from '../../../../domain/errors.ts';
import { Secret } from '../../../../domain/secret.ts';
import { named, pointsNot } from '../../replicated/ask-points.ts';
import type { Journalled } from '../../replicated/journalled.ts';
import { backUp, type KeptFile, readKept, replaceKept } from '../../replicated/kept-file.ts';
import { dropCopies, putBack } from '../../replicated/put-back.ts';
import { settleMs, type Take, takeWords, tell } from '../../replicated/take.ts';
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
  { mark, files }: Journalled,
  /** Null with a canary, and in a recovery. */
  current: SigningKey | null,
  { points, containers }: Verifiers,
  scope: SystemScope,
): Rotation {
  const { engine, credential, plan } = scope;
  const sets = files.filter(({ path }) => path === params.jwks.file);
  const signing = files.filter(({ path }) => path === params.signing?.file);
  const settling = Math.max(settleMs(params.purge), settleMs(params.jwks.take));
  let old = current;
  let fresh: SigningKey | null = null;

  return {
    points,
    async prepare() {
      // In turn, as they may lie on one volume.
      for (const file of files) await backUp(engine, file, mark);
      if (credential === 'canary') {
        old ??= newSigningKey(() => mark, params.algorithm);
        await publish(old, 'the canary key');
      }
      return { user: null, secret: tokenOf(known(old)) };
    },
    derived: async () => points.map((point) => ({ point, secret: tokenOf(known(old)) })),
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
        scope.event(
          'rotation.behind',
          `JWKS cached: the old key is published no more (${takeWords(params.purge)}), and its tokens are not refused at ${named(behind)}`,
        );
    },
    // Tokens are the sessions: they are tried one by one.
    endSessions: async () => ({ notAllowed: null }),
    sessionsLeft: async () => null,
    clear: () => (credential === 'canary' ? putBack(files, mark, scope, took) : dropCopies(files, mark, scope)),
    rollback: () => putBack(files, mark, scope, took),
  };

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
    for (const file of signing) await replaceKept(engine, file, mark, content);
    await tellHolders(signing, to.take);
  }

  async function keepBoth(): Promise<void> {
    const needed = params.ttl + skewMs + params.cache;
    const said = `tokens of ${formatDuration(params.ttl)}, ${formatDuration(skewMs)} of clock skew and key sets cached for ${formatDuration(params.cache)} need both keys for ${formatDuration(needed)}`;
    scope.event('rotation.overlap', `${said}; the drill keeps them for ${formatDuration(params.overlap)}`);
    await scope.clock.sleep(params.overlap, scope.signal);
  }

  async function edit(change: (content: string, what: string) => string): Promise<void> {
    for (const file of sets) {
      const content = await readKept(engine, file);
      const changed = change(content, `${file.path} in ${file.container}`);
      if (changed !== content) await replaceKept(engine, file, mark, changed);
    }
    await tellHolders(sets, params.jwks.take);
  }

  async function took(restored: readonly KeptFile[]): Promise<string[]> {
    if (params.signing !== undefined) await tellHolders(only(restored, signing), params.signing.take);
    await tellHolders(only(restored, sets), params.jwks.take);
    await tellVerifiers();
    const [was, wanted] = credential === 'real' ? ([old, 'accepted'] as const) : ([old, 'refused'] as const);
    if (was === null) return [];
    const wrong = await pointsNot(
      wanted,
      points,
      tokenOf(was),
      containers,
      credential === 'real' ? settling : Math.max(settling, params.cache),
      scope,
    );
    const whose = credential === 'real' ? 'the key from before the run' : 'the canary key';
    return wrong.map(({ point, answer }) => `tokens of ${whose} are ${answer} at ${point.name}: restart it, then run pitwall recover`);
  }

  async function tellHolders(some: readonly KeptFile[], take: Take): Promise<void> {
    const told = new Map(some.map((file) => [file.id, file]));
    await Promise.all([...told.values()].map((file) => tell(take, file, scope)));
  }

  async function tellVerifiers(): Promise<void> {
    await Promise.all(containers.map(({ Id, Name }) => tell(params.purge, { id: Id, container: Name.replace(/^\//, '') }, scope)));
  }
}

function only(some: readonly KeptFile[], of: readonly KeptFile[]): KeptFile[] {
  return some.filter(({ path, container }) => of.some((one) => one.path === path && one.container === container));
}

function known(key: SigningKey | null): SigningKey {
  if (key === null) throw new FailedError('step_failed', 'there is no old key: it was never prepared');
  return key;
}
