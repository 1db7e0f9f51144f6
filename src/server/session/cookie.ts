import { fastifyCookie } from '@fastify/cookie';
import type { FastifyRequest } from 'fastify';

export function sessionSecret(request: FastifyRequest): string | null {
  const { cookie } = request.headers;
  if (cookie === undefined) return null;
  const sent = fastifyCookie.parse(cookie);
  const { secure, plain } = namesFor(request);
  return sent[secure] ?? sent[plain] ?? null;
}

/** @param expiresAt UTC ms; 0 makes the browser forget it. */
export function sessionCookie(request: FastifyRequest, secret: string, expiresAt: number): string {
  const secure = isSecure(request);
  const names = namesFor(request);
  return fastifyCookie.serialize(secure ? names.secure : names.plain, secret, {
    httpOnly: true,
    sameSite: 'strict',
    path: '/',
    expires: new Date(expiresAt),
    secure,
  });
}

/**
 * A browser sends the cookies of a host to all of its ports, so the name says whose it is: another Pitwall beside this one ends no session of
 * it. `__Host-` is kept by the browser only when it came by TLS from this very host, so that no neighbour can put one of its own there.
 */
function namesFor({ raw }: FastifyRequest): { readonly secure: string; readonly plain: string } {
  const plain = `pitwall_session_${raw.socket.localPort ?? 0}`;
  return { secure: `__Host-${plain}`, plain };
}

/**
 * Pitwall itself speaks plain HTTP; a proxy that ends TLS in front of it says so, and so does the browser by the origin of its form. Who
 * lies about it only makes a cookie that their own browser does not send.
 */
function isSecure({ headers }: FastifyRequest): boolean {
  return headers['x-forwarded-proto'] === 'https' || headers.origin?.startsWith('https:') === true;
}
