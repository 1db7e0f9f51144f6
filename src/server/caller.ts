import type { FastifyRequest } from 'fastify';
import type { Caller } from '../access/tokens.ts';

/** Who acts. The guard lets no request without a caller get to an acting route; if it did, nothing may be done unnamed. */
export function nameOf(request: FastifyRequest): string {
  return callerOf(request).name;
}

export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new Error(`${request.routeOptions.url} acts without a caller`);
  return request.caller;
}
