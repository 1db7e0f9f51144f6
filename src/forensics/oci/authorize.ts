import { InvalidError } from '../../domain/errors.ts';
import { mayGo, type RegistryAccess } from './access.ts';
import { type Challenge, parseChallenges } from './challenge.ts';
import { type Attempt, answerError, registryError } from './registry-failures.ts';

export interface Authorizer {
  /** Null while nothing was asked for. */
  header(): string | null;
  /** Gets what the challenges of a refused request ask for. @throws FailedError `registry_refused` when it cannot. */
  answer(wwwAuthenticate: string, attempt: Attempt): Promise<void>;
  /** What must not be shown, should the registry repeat it. */
  secrets(): readonly string[];
}

/** Asks for a token with the method GET. */
export type GetToken = (url: URL, authorization: string | null) => Promise<{ readonly status: number; readonly body: string }>;

/** https://distribution.github.io/distribution/spec/auth/token/ ; basic where the registry asks for that. */
export function authorizer(access: RegistryAccess, getToken: GetToken): Authorizer {
  let header: string | null = null;
  const known: string[] = [];

  const basic = async (): Promise<string | null> => {
    if (access.credentials === null) return null;
    const pair = await access.credentials();
    if (!pair.includes(':')) {
      throw new InvalidError('bad_credentials', 'what registry.credentials names is not user:password', {
        hint: 'write the user name, a colon and the password, and nothing else',
      });
    }
    const encoded = Buffer.from(pair).toString('base64');
    known.push(pair.slice(pair.indexOf(':') + 1), encoded);
    return `Basic ${encoded}`;
  };

  const token = async ({ params }: Challenge, attempt: Attempt): Promise<string> => {
    const url = realmOf(params, access, attempt);
    url.searchParams.set('scope', params.scope ?? `repository:${access.repository}:pull,push`);
    if (params.service !== undefined) url.searchParams.set('service', params.service);
    const { status, body } = await getToken(url, await basic());
    const asking = { ...attempt, action: `${attempt.action}: no token from ${url.origin}` };
    if (status >= 300) throw answerError(asking, status, body, known);
    const found = tokenIn(body);
    if (found === null) throw registryError('registry_refused', asking, 'the answer has none');
    known.push(found);
    return `Bearer ${found}`;
  };

  return {
    header: () => header,
    secrets: () => known,
    async answer(wwwAuthenticate, attempt) {
      const challenges = parseChallenges(wwwAuthenticate);
      const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
      if (bearer !== undefined) header = await token(bearer, attempt);
      else if (challenges.some(({ scheme }) => scheme === 'basic') && header === null) header = await basic();
      else header = null;
      if (header !== null) return;
      const why =
        access.credentials === null ? 'it asks who we are, and no credentials are configured' : 'it does not accept the credentials';
      throw registryError('registry_refused', attempt, why, undefined, 'registry.credentials names where user:password is found');
    },
  };
}

/** A password goes in the clear only where the configuration lets everything go in the clear. */
function realmOf({ realm = '' }: Challenge['params'], access: RegistryAccess, attempt: Attempt): URL {
  if (!URL.canParse(realm)) throw registryError('registry_refused', attempt, 'it names no place to get a token from');
  const url = new URL(realm);
  if (mayGo(url, access)) return url;
  throw registryError('registry_refused', attempt, `the place to get a token from is not https: ${url.origin}`);
}

function tokenIn(body: string): string | null {
  try {
    const { token, access_token: accessToken } = JSON.parse(body) as { token?: unknown; access_token?: unknown };
    const found = token ?? accessToken;
    // A line feed would end the header.
    return typeof found === 'string' && /^[\x21-\x7e]+$/.test(found) ? found : null;
  } catch {
    return null;
  }
}
