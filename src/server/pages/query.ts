import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { HttpError } from '../http-errors.ts';

/**
 * What stands behind the question mark. Unknown names are let be: a link may carry what a page of another version knows.
 *
 * @throws HttpError 400, which names the field and not its value
 */
export function readQuery<T extends z.ZodType>(request: FastifyRequest, schema: T): z.output<T> {
  const read = schema.safeParse(request.query);
  if (read.success) return read.data;
  const field = read.error.issues[0]?.path.join('.') ?? '';
  throw new HttpError(400, 'invalid_request', `${field || 'something'} in the address is not what this page can read`, {
    hint: 'go there by the page’s own links and forms',
  });
}
