import type { ContainerInspect } from '../../../../domain/engine/containers.ts';
import { FailedError, RefusedError } from '../../../../domain/errors.ts';
import { Secret } from '../../../../domain/secret.ts';
import { named, pointsNot, pointsOf } from '../../replicated/ask-points.ts';
import { type Hold, hold, lettingGo } from '../../replicated/hold.ts';
import { toJournal } from '../../replicated/journalled.ts';
import { backUp, type KeptFile, keptFiles, oneEach, readKept, replaceKept, whereOf } from '../../replicated/kept-file.ts';
import { keyTrace } from '../../replicated/key-trace.ts';
import { someOf } from '../../replicated/own-command.ts';
import { dropBackups, putBack } from '../../replicated/put-back.ts';
import { settleMs as settling, takeWords, tellAll } from '../../replicated/take.ts';
import type { Point, Rotation, SystemScope } from '../../system.ts';
import { issued, type Whole } from './issued.ts';
import type { Params, ServerCertificate } from './params.ts';
import { fingerprintOf, type Identity, readIdentity } from './pem.ts';
import { tlsPoints } from './points.ts';

interface Known {
  readonly files: readonly KeptFile[];
  /** The certificate that was presented before. */
  readonly old: Identity;
  /** A piece of its key; null in a recovery. */
  readonly trace: Secret | null;
}

export async function openServer(params: Params, given: ServerCertificate, scope: SystemScope) {
  if (scope.credential === 'canary')
    throw new RefusedError(
      'no_canary',
      'a listener presents one certificate, so that a server certificate cannot be practised with a canary',
      {
        hint: 'credential: real',
      },
    );
  const containers = await someOf(params.server.service, scope);
  await someOf(params.issue.in.service, scope);
  const held = hold(scope);
  try {
    const files = await keptFiles(containers, [given.certificate, given.key], params.take, held.scope);
    const old = await sameEverywhere(
      files.filter(({ delivery }) => delivery.secret.path === given.certificate),
      held,
    );
    const [holder] = files.filter(({ delivery }) => delivery.secret.path === given.key);
    const trace = holder === undefined ? null : keyTrace(await readKept(holder, held.scope));
    const points = tlsPoints(params, containers, await scope.others());
    await presentedAt(points, old, given, containers, settling(params.take), scope);
    const rotation = serverRotation(params, given, { files, old, trace }, points, containers, held, scope);
    return { rotation, data: { ...toJournal(files), old: old.chain } };
  } catch (error) {
    await held.letGo();
    throw error;
  }
}

async function sameEverywhere(files: readonly KeptFile[], { scope }: Hold): Promise<Identity> {
  const read = await Promise.all(files.map(async (file) => ({ file, identity: readIdentity(await readKept(file, scope), whereOf(file)) })));
  const [first] = read;
  if (first === undefined) throw new RefusedError('no_server', 'there is no server certificate');
  const other = read.find(({ identity }) => fingerprintOf(identity.certificate) !== fingerprintOf(first.identity.certificate));
  if (other !== undefined)
    throw new RefusedError('certificates_differ', `${whereOf(other.file)} is another certificate than ${whereOf(first.file)}`);
  return first.identity;
}

async function presentedAt(
  points: readonly Point[],
  old: Identity,
  given: ServerCertificate,
  containers: readonly ContainerInspect[],
  ms: number,
  scope: SystemScope,
): Promise<void> {
  const wrong = await pointsNot('accepted', points, fingerprint(old), containers, ms, scope);
  const silent = wrong.filter(({ answer }) => answer === 'unknown');
  if (silent.length > 0) throw new RefusedError('server_down', `no TLS handshake comes about at ${named(silent)}`);
  if (wrong.length > 0)
    throw new RefusedError('not_presented', `another certificate than the one in ${given.certificate} is presented at ${named(wrong)}`, {
      hint: 'it was replaced and never taken, or something before the service ends TLS',
    });
}

/** `containers` and `points` may be none in a recovery: then the listeners are not asked. */
export function serverRotation(
  params: Params,
  given: ServerCertificate,
  { files, old, trace }: Known,
  points: readonly Point[],
  containers: readonly ContainerInspect[],
  held: Hold,
  scope: SystemScope,
): Rotation {
  const settleMs = settling(params.take);
  let fresh: Whole | null = null;
  let installed = false;

  const rotation: Rotation = {
    points,
    async prepare() {
      for (const file of files) await backUp(file, held.scope);
      return { user: null, secret: fingerprint(old) };
    },
    leaked: () => trace,
    async issue() {
      const { certificate } = await install();
      const secret = new Secret(fingerprintOf(certificate));
      if (scope.plan === 'planned') {
        const behind = await pointsNot('accepted', points, secret, containers, settleMs, scope);
        if (behind.length > 0) throw new FailedError('not_presented', onDisk(behind));
      }
      return { user: null, secret };
    },
    async refuse() {
      const { certificate } = await install();
      const behind = await pointsNot('accepted', points, new Secret(fingerprintOf(certificate)), containers, settleMs, scope);
      if (behind.length > 0) scope.notTaken(pointsOf(behind), onDisk(behind));
    },
    // A connection that was opened under the old certificate proves nothing to anybody any more: whoever opens one is shown the new.
    endSessions: async () => ({ notAllowed: null }),
    sessionsLeft: async () => null,
    clear: () => dropBackups(files, held),
    rollback: () => putBack(files, held, took),
  };
  return lettingGo(rotation, held);

  function onDisk(behind: readonly { readonly point: Point }[]): string {
    return `the new certificate is on disk (${takeWords(params.take)}), and not presented at ${named(behind)}`;
  }

  /** In a leak all at once; planned, one after the other, so that the others serve meanwhile. */
  async function install(): Promise<Whole> {
    fresh ??= await issued(params, [old], scope);
    if (installed) return fresh;
    const whole = fresh;
    const all = oneEach(files).map(({ delivery }) => delivery.container);
    if (scope.plan === 'leak') await Promise.all(all.map((container) => installIn(container, whole)));
    else
      for (const container of all) {
        await installIn(container, whole);
        const own = points.filter(({ target }) => target === container.name);
        await pointsNot('accepted', own, new Secret(fingerprintOf(whole.certificate)), containers, settleMs, scope);
      }
    installed = true;
    return whole;
  }

  async function installIn(container: KeptFile['delivery']['container'], { chain, key }: Whole): Promise<void> {
    const at = (path: string) => files.find(({ delivery }) => delivery.container.id === container.id && delivery.secret.path === path);
    const [keyFile, chainFile] = [at(given.key), at(given.certificate)];
    if (keyFile === undefined || chainFile === undefined) return;
    // The key first: whoever reads in between still finds the old certificate.
    if (keyFile !== chainFile) await replaceKept(keyFile, key, held.scope);
    await replaceKept(chainFile, keyFile === chainFile ? `${chain}${key}` : chain, held.scope);
    await tellAll(params.take, [container], held.scope);
  }

  async function took(restored: readonly KeptFile[]): Promise<string[]> {
    await tellAll(
      params.take,
      oneEach(restored).map(({ delivery }) => delivery.container),
      held.scope,
    );
    const wrong = await pointsNot('accepted', points, fingerprint(old), containers, settleMs, scope);
    return wrong.map(({ point }) => `${point.name} does not present the certificate from before the run: restart it`);
  }
}

function fingerprint({ certificate }: Identity): Secret {
  return new Secret(fingerprintOf(certificate));
}
