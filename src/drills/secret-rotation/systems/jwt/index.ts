import { createPublicKey } from 'node:crypto';
import { RefusedError } from '../../../../domain/errors.ts';
import { Secret } from '../../../../domain/secret.ts';
import { pointsOf } from '../../http-points.ts';
import { named, pointsNot } from '../../replicated/ask-points.ts';
import { type Hold, hold } from '../../replicated/hold.ts';
import { fromJournal, toJournal } from '../../replicated/journalled.ts';
import { type KeptFile, keptFiles, readKept, whereOf } from '../../replicated/kept-file.ts';
import { keyTrace } from '../../replicated/key-trace.ts';
import { someOf } from '../../replicated/own-command.ts';
import { settleMs, takeWords } from '../../replicated/take.ts';
import type { Point, System, SystemScope } from '../../system.ts';
import { readKeySet, sameJwk } from './key-set.ts';
import { fields, type Params } from './params.ts';
import { jwtRotation, type Verifiers } from './rotation.ts';
import { fits, mint, readPrivateKey, type SigningKey } from './token.ts';

export { fields, type Params };

/** The key that signs tokens, published as a JWK set. */
export const jwt: System<Params> = {
  name: 'jwt',
  handsOver: () => true,

  actions({ jwks, purge, signing }, plan, credential) {
    const where = `${jwks.file} in ${jwks.in.service}`;
    const told = `; to the verifiers ${takeWords(purge)}`;
    const publish = `publish a new key in ${where}${told}`;
    const give =
      credential === 'real' && signing !== undefined ? [`put its private key into ${signing.file} in ${signing.in.service}`] : [];
    const remove = `remove the old key from ${where}${told}`;
    const canary = credential === 'canary' ? [`publish a canary key in ${where}, to be leaked`] : [];
    return [...canary, ...(plan === 'leak' ? [remove, publish, ...give] : [publish, ...give, remove])];
  },

  services({ jwks, points, signing }) {
    return [...new Set([jwks.in.service, ...points.map(({ service }) => service), ...(signing === undefined ? [] : [signing.in.service])])];
  },

  async open(params, scope) {
    const { jwks, signing } = params;
    const issuers = await someOf(jwks.in.service, scope);
    const current = scope.credential === 'real' ? currentOf(params, scope) : null;
    const held = hold(scope);
    try {
      const sets = await keptFiles(issuers, [jwks.file], jwks.take, held.scope);
      await checkSets(sets, current, held);
      const signers = current === null || signing === undefined ? [] : await someOf(signing.in.service, scope);
      const keys = signing === undefined ? [] : await keptFiles(signers, [signing.file], signing.take, held.scope);
      const verifiers = await verifiersOf(params, scope);
      if (current !== null) await checkAccepted(params, current, verifiers, scope);
      const files = [...sets, ...keys];
      return { rotation: jwtRotation(params, files, current, verifiers, held, scope, leakedOf(params, scope)), data: toJournal(files) };
    } catch (error) {
      await held.letGo();
      throw error;
    }
  },

  async reopen(params, data, scope) {
    return jwtRotation(params, fromJournal(data), null, await verifiersOf(params, scope, none), hold(scope), scope);
  },
};

function currentOf({ current, signing, algorithm }: Params, scope: SystemScope): SigningKey {
  if (current === undefined || signing === undefined)
    throw new RefusedError(
      'no_current',
      'with `credential: real` the drill has to say which signing key leaks, and where the issuer has it',
      {
        hint: 'give current and signing, or practise with credential: canary',
      },
    );
  const what = 'the current signing key';
  const privateKey = readPrivateKey(scope.secret(current.key, what).reveal(), what);
  if (!fits(privateKey, algorithm))
    throw new RefusedError('wrong_algorithm', `${what} is of type ${privateKey.asymmetricKeyType}, which does not sign ${algorithm}`);
  return { kid: current.kid, algorithm, privateKey };
}

function leakedOf({ current }: Params, scope: SystemScope): Secret | null {
  if (scope.credential === 'canary' || current === undefined) return null;
  return keyTrace(scope.secret(current.key, 'the current signing key').reveal());
}

/** Each is a key set, and has the key under its name. */
async function checkSets(sets: readonly KeptFile[], current: SigningKey | null, held: Hold): Promise<void> {
  for (const file of sets) {
    const where = whereOf(file);
    const { keys } = readKeySet(await readKept(file, held.scope), where);
    if (current === null) continue;
    const own = createPublicKey(current.privateKey).export({ format: 'jwk' });
    if (!keys.some((key) => key.kid === current.kid && sameJwk(key, own)))
      throw new RefusedError('not_published', `${where} does not have the current signing key under the kid ${current.kid}`);
  }
}

async function checkAccepted(params: Params, current: SigningKey, { points, containers }: Verifiers, scope: SystemScope): Promise<void> {
  const token = new Secret(mint(current, params.claims, 'check', scope.clock.now(), params.ttl));
  const wrong = await pointsNot('accepted', points, token, containers, settleMs(params.purge), scope);
  if (wrong.length > 0)
    throw new RefusedError('not_accepted', `a token of the current signing key is not accepted at ${named(wrong)}`, {
      hint: 'look at claims and algorithm',
    });
}

async function verifiersOf(params: Params, scope: SystemScope, otherwise: (error: unknown) => Point[] = raise): Promise<Verifiers> {
  const services = [...new Set(params.points.map(({ service }) => service))];
  const containers = (await Promise.all(services.map((service) => scope.service(service)))).flat();
  const points = await Promise.all(params.points.map((point) => pointsOf([point], ['token'], scope).catch(otherwise)));
  return { points: points.flat(), containers };
}

/** In a recovery a verifier that is down must not keep the files from being put back. */
function none(error: unknown): Point[] {
  if (error instanceof RefusedError) return [];
  throw error;
}

function raise(error: unknown): never {
  throw error;
}
