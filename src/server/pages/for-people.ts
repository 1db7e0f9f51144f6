import type { FastifyRequest } from 'fastify';

/** Whether the answer is a page: on a page's route, and where a browser asked for what is not there. */
export function isForPeople(request: FastifyRequest): boolean {
  if (!request.url.startsWith('/')) return false;
  if (!request.is404) return request.routeOptions.config.page === true;
  return request.method === 'GET' && acceptsHtml(request) && !/^\/(api|webhooks|assets)\b/.test(request.url);
}

export function acceptsHtml({ headers }: FastifyRequest): boolean {
  return (headers.accept ?? '').toLowerCase().includes('text/html');
}
