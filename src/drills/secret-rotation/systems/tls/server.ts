import type { ContainerInspect } from '../../../../domain/engine.ts';
import { RefusedError } from '../../../../domain/errors.ts';
import { Secret } from '../../../../domain/secret.ts';
import { named, pointsNot } from '../../replicated/ask-points.ts';
import { type Journalled, toJournal } from '../../replicated/journalled.ts';
import { backUp, type KeptFile, keptFiles, readKept, replaceKept } from '../../replicated/kept-file.ts';
import { markOf } from '../../replicated/mark.ts';
import { someOf } from '../../replicated/own-command.ts';
import { dropCopies, putBack } from '../../replicated/put-back.ts';
import { settleMs as settling, takeWords, tell } from '../../replicated/take.ts';
import type { Point, Rotation, SystemScope } from '../../system.ts';
import { issued, type Whole } from './issued.ts';
import type { Params, ServerCertificate } from './params.ts';
import { fingerprintOf, type Identity, readIdentity } from './pem.ts';
import { tlsPoints } from './points.ts';

interface Known extends Journalled {
  /** The certificate that was presented before. */
  readonly old: Identity;
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
  const { engine } = scope;
  const mark = markOf(scope.runId);
  const containers = await someOf(params.server.service, scope);
  await someOf(params.issue.in.service, scope);
  const files = await keptFiles(engine, containers, [given.certificate, given.key], mark);
  const holders = files.filter(({ path }) => path === given.certificate);
  const read = await Promise.all(
    holders.map(async (file) => readIdentity(await readKept(engine, file), `${file.path} in ${file.container}`)),
  );
  const [old] = read as [Identity, ...Identity[]];
  const other = holders.find((_, index) => fingerprintOf((read[index] as Identity).certificate) !== fingerprintOf(old.certificate));
  if (other !== undefined)
    throw new RefusedError(
      'certificates_differ',
      `${other.path} in ${other.container} is another certificate than in ${holders[0]?.container}`,
    );
  const points = tlsPoints(params, containers, await scope.others());
  const settleMs = settling(params.take);
  const wrong = await pointsNot('accepted', points, fingerprint(old), containers, settleMs, scope);
  const silent = wrong.filter(({ answer }) => answer === 'unknown');
  if (silent.length > 0) throw new RefusedError('server_down', `no TLS handshake comes about at ${named(silent)}`);
  if (wrong.length > 0)
    throw new RefusedError('not_presented', `another certificate than the one in ${given.certificate} is presented at ${named(wrong)}`, {
      hint: 'it was replaced and never taken, or something before the service ends TLS',
    });
  const known = { mark, files, old };
  return { rotation: serverRotation(params, given, known, points, containers, scope), data: { ...toJournal(known), old: old.chain } };
}

/** `containers` and `points` may be none in a recovery: then the listeners are not asked. */
export function serverRotation(
  params: Params,
  given: ServerCertificate,
  { mark, files, old }: Known,
  points: readonly Point[],
  containers: readonly ContainerInspect[],
  scope: SystemScope,
): Rotation {
  const { engine } = scope;
  const settleMs = settling(params.take);
  let fresh: Whole | null = null;
  let installed = false;

  return {
    points,
    async prepare() {
      // In turn, as they may lie on one volume.
      for (const file of files) await backUp(engine, file, mark);
      return { user: null, secret: fingerprint(old) };
    },
    async issue() {
      const { certificate } = await install();
      return { user: null, secret: new Secret(fingerprintOf(certificate)) };
    },
    async refuse() {
      const { certificate } = await install();
      const behind = await pointsNot('accepted', points, new Secret(fingerprintOf(certificate)), containers, settleMs, scope);
      if (behind.length > 0)
        scope.event('rotation.behind', `the new certificate is on disk (${takeWords(params.take)}), and not presented at ${named(behind)}`);
    },
    // A connection that was opened under the old certificate proves nothing to anybody any more: whoever opens one is shown the new.
    endSessions: async () => ({ notAllowed: null }),
    sessionsLeft: async () => null,
    clear: () => dropCopies(files, mark, scope),
    rollback: () => putBack(files, mark, scope, took),
  };

  /** In a leak all at once; planned, one after the other, so that the others serve meanwhile. */
  async function install(): Promise<Whole> {
    fresh ??= await issued(params, [old], scope);
    if (installed) return fresh;
    const { chain, key, certificate } = fresh;
    const one = async (id: string) => {
      const [keyFile, chainFile] = [given.key, given.certificate].map((path) => files.find((file) => file.id === id && file.path === path));
      if (keyFile === undefined || chainFile === undefined) return;
      // The key first: whoever reads in between still finds the old certificate.
      if (keyFile.path !== chainFile.path) await replaceKept(engine, keyFile, mark, key);
      await replaceKept(engine, chainFile, mark, keyFile.path === chainFile.path ? `${chain}${key}` : chain);
      await tell(params.take, chainFile, scope);
    };
    const ids = [...new Set(files.map(({ id }) => id))];
    if (scope.plan === 'leak') await Promise.all(ids.map(one));
    else
      for (const [index, id] of ids.entries()) {
        await one(id);
        await pointsNot('accepted', points.slice(index, index + 1), new Secret(fingerprintOf(certificate)), containers, settleMs, scope);
      }
    installed = true;
    return fresh;
  }

  async function took(restored: readonly KeptFile[]): Promise<string[]> {
    const told = new Map(restored.map((file) => [file.id, file]));
    await Promise.all([...told.values()].map((file) => tell(params.take, file, scope)));
    const wrong = await pointsNot('accepted', points, fingerprint(old), containers, settleMs, scope);
    return wrong.map(
      ({ point }) => `${point.name} does not present the certificate from before the run: restart it, then run pitwall recover`,
    );
  }
}

function fingerprint({ certificate }: Identity): Secret {
  return new Secret(fingerprintOf(certificate));
}
