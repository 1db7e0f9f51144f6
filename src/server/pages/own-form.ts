import type { FastifyRequest } from 'fastify';
import { isCsrfOf } from '../../access/sessions.ts';
import { HttpError } from '../http-errors.ts';
import type { Fields } from './pages.ts';

/** @throws HttpError for whatever is no form of a page that this session was given. */
export function needOwnForm(request: FastifyRequest): void {
  if (request.session === null) {
    throw new HttpError(401, 'session_required', 'a page’s form needs a session', { hint: 'log in at /login; scripts use the API' });
  }
  const { csrf } = formOf(request);
  if (typeof csrf === 'string' && isCsrfOf(csrf, request.session)) return;
  throw new HttpError(403, 'foreign_form', 'this form is not of a page of your session; nothing was done', {
    hint: 'load the page again, and press the button there',
  });
}

/** @throws HttpError 400 for a field that comes twice: it could not be said which one is meant. */
export function fieldsOf(request: FastifyRequest): Fields {
  const fields = Object.entries(formOf(request)).filter(([name]) => name !== 'csrf');
  for (const [name, value] of fields) {
    if (typeof value !== 'string') throw new HttpError(400, 'invalid_request', `${name.slice(0, 50)} is in the form more than once`);
  }
  return Object.fromEntries(fields) as Fields;
}

function formOf(request: FastifyRequest): Readonly<Record<string, unknown>> {
  return (request.body ?? {}) as Readonly<Record<string, unknown>>;
}
