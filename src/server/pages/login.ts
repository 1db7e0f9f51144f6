/** Beginning a session with a token, and ending it. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { h } from 'preact';
import { LoginPage } from '../../web/pages/login.tsx';
import { plainAddress } from '../allowed-hosts.ts';
import type { ApiApp } from '../api-app.ts';
import { callerOf } from '../caller.ts';
import type { ServerDeps } from '../deps.ts';
import type { FailureLimit } from '../failure-limit.ts';
import { HttpError } from '../http-errors.ts';
import { sessionCookie } from '../session/cookie.ts';
import { ownPath } from '../session/own-path.ts';
import type { PageAnswers } from './answer.ts';
import { fieldsOf, needOwnForm } from './own-form.ts';

interface LoginOptions {
  readonly guesses: FailureLimit;
  readonly answers: PageAnswers;
}

export function loginRoutes(app: ApiApp, deps: ServerDeps, { guesses, answers }: LoginOptions): void {
  const page = (request: FastifyRequest, reply: FastifyReply, next: string, problem: string | null, status: number) =>
    answers.send(request, reply, { title: 'Log in', status, body: h(LoginPage, { next, problem }) });

  app.get<{ Querystring: { next?: unknown } }>('/login', {
    config: { permission: 'nothing', page: true },
    schema: { hide: true },
    handler: async (request, reply) => page(request, reply, ownPath(textOf(request.query.next)), null, 200),
  });

  app.post('/login', {
    config: { permission: 'nothing', action: 'login', page: true, anyone: true, recordsItself: true },
    schema: { hide: true },
    handler: async (request, reply) => {
      const { token = '', next } = fieldsOf(request);
      const address = request.raw.socket.remoteAddress ?? '';
      const session = deps.sessions.open(token.trim());
      const note = (who: string, role: string, data: Readonly<Record<string, string>>) =>
        deps.audit.record({ who, role, act: 'login', object: null, source: `dashboard ${plainAddress(address)}`, data });
      if (session === null) {
        const waitMs = guesses.waitMs(address);
        if (waitMs > 0) {
          throw new HttpError(429, 'too_many_bad_tokens', 'too many wrong tokens came from this address', {
            hint: `wait ${Math.ceil(waitMs / 1_000)} s`,
            context: { waitMs },
          });
        }
        guesses.failed(address);
        note('nobody', 'none', { outcome: 'refused', code: 'bad_token' });
        return page(request, reply, ownPath(next), 'This token is not valid: it is mistyped, or it was revoked or has expired.', 401);
      }
      note(session.caller.name, session.caller.role, { outcome: 'allowed' });
      // A browser has one session at a time.
      if (request.session !== null) deps.sessions.end(request.session);
      return reply.header('set-cookie', sessionCookie(request, session.secret, session.expiresAt)).redirect(ownPath(next), 303);
    },
  });

  app.post('/logout', {
    config: { permission: 'nothing', action: 'logout', page: true, anyone: true, recordsItself: true },
    schema: { hide: true },
    preValidation: async (request) => needOwnForm(request),
    handler: async (request, reply) => {
      const { name, role } = callerOf(request);
      const source = `dashboard ${plainAddress(request.raw.socket.remoteAddress ?? '')}`;
      deps.audit.record({ who: name, role, act: 'logout', object: null, source, data: { outcome: 'allowed' } });
      if (request.session !== null) deps.sessions.end(request.session);
      return reply.header('set-cookie', sessionCookie(request, '', 0)).redirect('/login', 303);
    },
  });
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
