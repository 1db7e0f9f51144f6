import { fastifyCookie } from '@fastify/cookie';
import type { FastifyRequest } from 'fastify';

const name = 'pitwall_session';

export function sessionSecret(request: FastifyRequest): string | null {
  const { cookie } = request.headers;
  return cookie === undefined ? null : (fastifyCookie.parse(cookie)[name] ?? null);
}

/** @param expiresAt UTC ms; 0 makes the browser forget it. */
export function sessionCookie(request: FastifyRequest, secret: string, expiresAt: number): string {
  return fastifyCookie.serialize(name, secret, {
    httpOnly: true,
    sameSite: 'strict',
    path: '/',
    expires: new Date(expiresAt),
    secure: isSecure(request),
  });
}

/**
 * Pitwall itself speaks plain HTTP; a proxy that ends TLS in front of it says so, and so does the browser by the origin of its form. Who
 * lies about it only makes a cookie that their own browser does not send.
 */
function isSecure({ headers }: FastifyRequest): boolean {
  return headers['x-forwarded-proto'] === 'https' || headers.origin?.startsWith('https:') === true;
}
