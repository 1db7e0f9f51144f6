/** Who may call what: decided before the body is read, for every route, from what the route declares. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { may } from '../access/roles.ts';
import { refuseOutOfScope } from '../access/scope.ts';
import type { Sessions } from '../access/sessions.ts';
import type { Caller } from '../access/tokens.ts';
import type { Clock } from '../domain/clock.ts';
import { type HostRules, isLoopback, isOwnHost, isOwnOrigin } from './allowed-hosts.ts';
import type { ApiApp } from './api-app.ts';
import type { FailureLimit } from './failure-limit.ts';
import { HttpError } from './http-errors.ts';
import type { Limits } from './limits.ts';
import { type RateLimit, rateLimit } from './rate-limit.ts';
import { isForReaders, type RoutePermission, rolesFor } from './roles.ts';
import { sessionSecret } from './session/cookie.ts';
import type { WebhookPath } from './webhook-path.ts';

export interface GuardDeps {
  readonly tokens: { verify(token: string): Caller | 'expired' | null };
  readonly clock: Clock;
  readonly sessions: Pick<Sessions, 'verify'>;
  /** Shared with the login: who guesses there guesses here. */
  readonly guesses: FailureLimit;
  /** Names under which this server may be called, besides loopback names and the address a connection came in at. */
  readonly hosts: readonly string[];
  readonly webhooks: Pick<WebhookPath, 'tokenOf'>;
  readonly limits: Pick<Limits, 'acts' | 'reads' | 'alerts'>;
}

export function installGuard(app: ApiApp, { tokens, sessions, guesses, clock, hosts, webhooks, limits }: GuardDeps): void {
  const rates = {
    acts: rateLimit(clock, { atOnce: limits.acts, everyMs: 1_000 }),
    reads: rateLimit(clock, { atOnce: limits.reads, everyMs: 10 }),
    alerts: rateLimit(clock, { atOnce: limits.alerts, everyMs: 100 }),
  };

  /** @throws HttpError 401 for a token that is not one, 429 for an address that tried too many of them. */
  function callerOf(request: FastifyRequest): Caller | null {
    const { socket } = request.raw;
    const given = credentialsOf(request, webhooks);
    if (given.length === 0) return unnamedCaller(request);
    const address = socket.remoteAddress ?? '';
    const caller = verified(given);
    // Who has it had it once, so it is no guess.
    if (caller === 'expired') {
      throw new HttpError(401, 'token_expired', 'the token has expired', {
        hint: 'make another with: pitwall token create NAME --role ROLE',
      });
    }
    // Nobody guesses 256 bits; and whoever has a token must be able to halt, whatever others try from the same address.
    if (caller !== null) return caller;
    const waitMs = guesses.waitMs(address);
    if (waitMs > 0) {
      throw new HttpError(429, 'too_many_bad_tokens', 'too many wrong tokens came from this address', {
        hint: `wait ${Math.ceil(waitMs / 1_000)} s`,
        context: { waitMs },
      });
    }
    guesses.failed(address);
    throw new HttpError(401, 'bad_token', 'the token is not valid', { hint: 'make one with: pitwall token create NAME --role ROLE' });
  }

  function unnamedCaller(request: FastifyRequest): Caller | null {
    return sessionCaller(request, sessions) ?? (isLoopback(request.raw.socket.remoteAddress) ? anonymous : null);
  }

  function verified(given: readonly string[]): Caller | 'expired' | null {
    // Of several it could not be said whose act it is.
    const [token] = given.length === 1 ? given : [];
    return token === undefined || !/^[\x21-\x7e]{1,512}$/.test(token) ? null : tokens.verify(token);
  }

  /** As the one who was let in: whoever read by a session does not go on as nobody. A database that cannot be asked lets nobody go on. */
  function isStill(request: FastifyRequest, before: Caller, permission: RoutePermission): boolean {
    try {
      const given = credentialsOf(request, webhooks);
      const now = given.length === 0 ? unnamedCaller(request) : verified(given);
      if (now === null || now === 'expired' || now.name !== before.name) return false;
      return (now === anonymous) === (before === anonymous) && (permission === 'nothing' || may(now.role, permission));
    } catch {
      return false;
    }
  }

  app.decorateRequest('caller', null);
  app.decorateRequest('session', null);
  app.decorateRequest('who', '');
  app.decorateRequest('isStillAllowed');
  app.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    refuseForeign(request, hosts);
    if (request.is404) {
      // For the frame around the page that says so. A token is not looked at: there is nothing that it could open.
      if (request.method === 'GET' && credentialsOf(request, webhooks).length === 0) request.caller = unnamedCaller(request);
      return;
    }
    // A route without a permission cannot be registered; if it could, it would be nobody's.
    const { permission = 'administer', action, scope } = request.routeOptions.config;
    const caller = callerOf(request);
    request.who = whoIs(request, caller);
    limitRate(request, caller, rates);
    const named = caller === anonymous && !isForReaders(permission) ? null : caller;
    request.caller = named;
    request.isStillAllowed = () => named !== null && isStill(request, named, permission);
    if (permission === 'nothing') return;
    const allowed = rolesFor(permission).join(', ');
    if (named === null) {
      reply.header('www-authenticate', 'Bearer realm="pitwall"');
      throw new HttpError(401, 'token_required', action === undefined ? 'this needs a token' : 'acting needs a token', {
        hint: `send Authorization: Bearer TOKEN, of a token whose role is one of: ${allowed}`,
      });
    }
    if (!may(named.role, permission)) {
      throw new HttpError(403, 'role_too_small', `the token "${named.name}" has the role ${named.role}; this needs one of ${allowed}`);
    }
    if (action !== undefined && scope === undefined) refuseOutOfScope(named.scope, {});
  });
}

function whoIs({ raw }: FastifyRequest, caller: Caller | null): string {
  return caller === null || caller === anonymous ? (raw.socket.remoteAddress ?? '') : `the token ${caller.name}`;
}

/** Each act has a limit of its own, so that whoever started too many runs can still halt them. */
function limitRate(
  { method, who, routeOptions: { config } }: FastifyRequest,
  caller: Caller | null,
  rates: Readonly<Record<'acts' | 'reads' | 'alerts', RateLimit>>,
): void {
  const rate = config.rate ?? (['GET', 'HEAD'].includes(method) ? 'reads' : 'acts');
  // Who reads on this machine could do worse to it.
  if (caller === anonymous && rate === 'reads') return;
  rates[rate].take(rate === 'acts' && caller !== null ? `${who} ${config.action}` : who);
}

/**
 * Whoever comes by the dashboard's cookie. A browser sends it by itself, so it is worth nothing where something is done, but for the forms
 * of our own pages, which bring a secret of their session besides.
 */
function sessionCaller(request: FastifyRequest, sessions: Pick<Sessions, 'verify'>): Caller | null {
  const { action, page = false } = request.routeOptions.config;
  if (action === undefined ? request.method !== 'GET' : !page) return null;
  const secret = sessionSecret(request);
  const caller = secret === null ? null : sessions.verify(secret);
  if (caller !== null) request.session = secret;
  return caller;
}

/** Everything that was sent as a token, right or wrong. What is not understood is an empty one, which is nobody's. */
function credentialsOf(request: FastifyRequest, webhooks: Pick<WebhookPath, 'tokenOf'>): readonly string[] {
  const takesMore = request.routeOptions.config.credentials === 'webhook';
  const headers = request.raw.headersDistinct.authorization ?? [];
  const path = webhooks.tokenOf(request.raw);
  const ofHeaders = headers.map((header) => /^Bearer +([^ ]+) *$/i.exec(header)?.[1] ?? (takesMore ? passwordOf(header) : null) ?? '');
  return path === null ? ofHeaders : [...ofHeaders, takesMore ? path : ''];
}

/** `https://falco:TOKEN@host/` comes as HTTP basic (RFC 7617); without a password the name is it. */
function passwordOf(header: string): string | null {
  const encoded = /^Basic +([A-Za-z0-9+/=]+) *$/i.exec(header)?.[1];
  if (encoded === undefined) return null;
  const [, name = '', password = ''] = /^([^:]*):?(.*)$/s.exec(Buffer.from(encoded, 'base64').toString('latin1')) ?? [];
  return password === '' ? name : password;
}

/** Who reads from this machine without saying who it is. */
const anonymous: Caller = { name: 'loopback', role: 'viewer', scope: [] };

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
