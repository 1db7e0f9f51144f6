import type { FastifyRequest } from 'fastify';

/** Who acts. The guard lets no request without a caller get to an acting route; if it did, nothing may be done unnamed. */
export function nameOf(request: FastifyRequest): string {
  if (request.caller === null) throw new Error(`${request.routeOptions.url} acts without a caller`);
  return request.caller.name;
}
