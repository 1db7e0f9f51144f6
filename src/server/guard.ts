/** Who may call what: decided before the body is read, for every route, from what the route declares. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { may } from '../access/roles.ts';
import type { Caller } from '../access/tokens.ts';
import type { Clock } from '../domain/clock.ts';
import { type HostRules, isLoopback, isOwnHost, isOwnOrigin } from './allowed-hosts.ts';
import type { ApiApp } from './api-app.ts';
import { failureLimit } from './failure-limit.ts';
import { HttpError } from './http-errors.ts';
import { isForReaders, rolesFor } from './roles.ts';

export interface GuardDeps {
  readonly tokens: { verify(token: string): Caller | null };
  readonly clock: Clock;
  /** Names under which this server may be called, besides loopback names and the address a connection came in at. */
  readonly hosts: readonly string[];
}

export function installGuard(app: ApiApp, { tokens, clock, hosts }: GuardDeps): void {
  const guesses = failureLimit(clock);

  /** @throws HttpError 401 for a token that is not one, 429 for an address that tried too many of them. */
  function callerOf(request: FastifyRequest): Caller | null {
    const { socket, headersDistinct } = request.raw;
    const [header, ...more] = headersDistinct.authorization ?? [];
    if (header === undefined) return isLoopback(socket.remoteAddress) ? anonymous : null;
    const address = socket.remoteAddress ?? '';
    const waitMs = guesses.waitMs(address);
    if (waitMs > 0) {
      throw new HttpError(429, 'too_many_bad_tokens', 'too many wrong tokens came from this address', {
        hint: `wait ${Math.ceil(waitMs / 1_000)} s`,
        context: { waitMs },
      });
    }
    const token = /^Bearer +([\x21-\x7e]{1,512}) *$/i.exec(header)?.[1];
    const caller = token === undefined || more.length > 0 ? null : tokens.verify(token);
    if (caller !== null) return caller;
    guesses.failed(address);
    throw new HttpError(401, 'bad_token', 'the token is not valid', { hint: 'make one with: pitwall token create NAME --role ROLE' });
  }

  app.decorateRequest('caller', null);
  app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    refuseForeign(request, hosts);
    if (request.is404) return;
    // A route without a permission cannot be registered; if it could, it would be nobody's.
    const { permission = 'administer', action } = request.routeOptions.config;
    const caller = callerOf(request);
    const named = caller === anonymous && !isForReaders(permission) ? null : caller;
    request.caller = named;
    if (permission === 'nothing') return;
    const allowed = rolesFor(permission).join(', ');
    if (named === null) {
      reply.header('www-authenticate', 'Bearer realm="pitwall"');
      throw new HttpError(401, 'token_required', action === undefined ? 'this needs a token' : 'acting needs a token', {
        hint: `send Authorization: Bearer TOKEN, of a token with one of the roles ${allowed}`,
      });
    }
    if (!may(named.role, permission)) {
      throw new HttpError(403, 'role_too_small', `the token "${named.name}" has the role ${named.role}; this needs one of ${allowed}`);
    }
  });
}

/** Who reads from this machine without saying who it is. */
const anonymous: Caller = { name: 'loopback', role: 'viewer' };

function refuseForeign(request: FastifyRequest, names: readonly string[]): void {
  const { socket, headersDistinct } = request.raw;
  const rules: HostRules = { localAddress: socket.localAddress, localPort: socket.localPort, names };
  // A proxy's form of a request names a host of its own, beside the header.
  if (!request.raw.url?.startsWith('/')) throw new HttpError(400, 'bad_request', 'the path does not begin with /');
  const [host, ...moreHosts] = headersDistinct.host ?? [];
  if (moreHosts.length > 0 || !isOwnHost(host, rules)) {
    throw new HttpError(403, 'foreign_host', 'this server does not answer to the name in the Host header', {
      hint: 'list the name under api.allowedHosts in pitwall.yaml',
    });
  }
  const [origin, ...moreOrigins] = headersDistinct.origin ?? [];
  if (moreOrigins.length > 0 || !isOwnOrigin(origin, rules)) {
    throw new HttpError(403, 'foreign_origin', 'this server takes no requests from pages of other sites', {
      hint: 'list the name under api.allowedHosts in pitwall.yaml',
    });
  }
}
