import { securityHeaders } from '../security-headers.ts';

/**
 * A page may load what is ours, and nothing else; no script and no style stands in it. The referrer goes to ourselves: without it a browser
 * calls the origin of our own forms `null` (https://fetch.spec.whatwg.org/#append-a-request-origin-header), which the guard refuses.
 */
export const pageHeaders = {
  ...securityHeaders,
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'same-origin',
} as const;
