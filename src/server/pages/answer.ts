/** Makes whole pages out of bodies, and pages out of errors. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { h } from 'preact';
import { renderToString } from 'preact-render-to-string';
import { may } from '../../access/roles.ts';
import { csrfOf } from '../../access/sessions.ts';
import { visibleLines } from '../../domain/inert.ts';
import type { Assets } from '../../web/assets.ts';
import type { Frame, Page, Reader } from '../../web/frame.ts';
import { Layout } from '../../web/layout.tsx';
import { ErrorPage } from '../../web/pages/error.tsx';
import type { ServerDeps } from '../deps.ts';
import type { HttpAnswer } from '../http-errors.ts';
import { acceptsHtml } from './for-people.ts';
import { pageHeaders } from './headers.ts';

export interface PageAnswers {
  frame(request: FastifyRequest): Omit<Frame, 'title'>;
  send(request: FastifyRequest, reply: FastifyReply, page: Page): FastifyReply;
  error(request: FastifyRequest, reply: FastifyReply, answer: HttpAnswer): FastifyReply;
}

export function pageAnswers({ store, clock, version }: Pick<ServerDeps, 'store' | 'clock' | 'version'>, assets: Assets): PageAnswers {
  const frame = (request: FastifyRequest): Omit<Frame, 'title'> => {
    const halt = store.control.halted();
    const running = store.runs.unended().length;
    return { path: pathOf(request), reader: readerOf(request), halt, running, now: clock.now(), version };
  };
  const bare = (request: FastifyRequest) => ({ path: pathOf(request), reader: null, halt: null, running: 0, now: clock.now(), version });
  const render = (request: FastifyRequest, reply: FastifyReply, { title, body, status = 200 }: Page, around: Omit<Frame, 'title'>) => {
    const html = renderToString(h(Layout, { frame: { ...around, title }, assets, readable: mayRead(request), body }));
    return reply
      .code(status)
      .headers(pageHeaders)
      .send(`<!doctype html>${visibleLines(html)}`);
  };
  const send: PageAnswers['send'] = (request, reply, page) =>
    render(request, reply, page, mayRead(request) ? frame(request) : bare(request));
  return {
    frame,
    send,
    error(request, reply, { status, body }) {
      if (status === 401 && request.method === 'GET' && acceptsHtml(request)) {
        return reply.redirect(`/login?next=${encodeURIComponent(request.url)}`, 303);
      }
      const { code, message, hint } = body.error;
      const page: Page = { title: titleOf(status), status, body: h(ErrorPage, { status, code, message, hint }) };
      try {
        return send(request, reply, page);
      } catch {
        // The database may be what is broken.
        return render(request, reply, page, bare(request));
      }
    },
  };
}

/** The guard gives a caller, be it only a reader of this machine, to whomever may read. */
function mayRead(request: FastifyRequest): boolean {
  return request.caller !== null;
}

function readerOf({ caller, session, headers }: FastifyRequest): Reader | null {
  if (caller === null || (session === null && headers.authorization === undefined)) return null;
  const { name, role } = caller;
  return { name, role, csrf: session === null ? null : csrfOf(session), may: (permission) => may(role, permission) };
}

function pathOf(request: FastifyRequest): string {
  return request.url.split('?', 1)[0] ?? '/';
}

function titleOf(status: number): string {
  if (status === 404) return 'Not found';
  if (status === 401 || status === 403) return 'Not allowed';
  return status >= 500 ? 'Something is wrong' : 'Not done';
}
