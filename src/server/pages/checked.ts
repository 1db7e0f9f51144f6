import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { HttpError } from '../http-errors.ts';

/** What the query says, without what is empty: a form sends each of its fields. @throws HttpError 400 for one that comes twice. */
export function queryOf(request: FastifyRequest): Readonly<Record<string, string>> {
  const all = Object.entries(request.query as Readonly<Record<string, unknown>>).filter(([, value]) => value !== '');
  for (const [name, value] of all) {
    if (typeof value !== 'string') throw new HttpError(400, 'invalid_request', `${name.slice(0, 50)} is in the query more than once`);
  }
  return Object.fromEntries(all) as Readonly<Record<string, string>>;
}

/** @param place `in the path`, `in the query`, `in the form`. @throws HttpError 400, which says what was expected. */
export function checked<S extends z.ZodType>(schema: S, value: unknown, place: string): z.output<S> {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const problems = read.error.issues.slice(0, 5).map(({ path, message }) => {
    const field = path.join('.');
    return `${field === '' ? '' : `${field} `}${place}: ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
  });
  throw new HttpError(400, 'invalid_request', problems.join('; '));
}
