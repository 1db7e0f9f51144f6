/**
 * Where to go after the login: a path of our own, or the wall. What begins with two slashes, of either kind, is another site to a browser,
 * and so may be what becomes so when dots are taken out.
 */
export function ownPath(text: string | undefined): string {
  if (text === undefined || !/^\/(?!\/)[\x21-\x5b\x5d-\x7e]*$/.test(text) || text.length > 2_000) return '/';
  const { pathname, search } = new URL(text, 'http://pitwall.invalid');
  return pathname.startsWith('//') || pathname === '/login' ? '/' : `${pathname}${search}`;
}
