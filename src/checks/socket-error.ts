/**
 * A few words for a failed connection. Made from the error's code alone: messages may carry addresses, and with them credentials.
 * Codes: https://nodejs.org/docs/latest-v20.x/api/errors.html and OpenSSL's verification results.
 */
export function socketError(error: unknown): string {
  const code = codeOf(error);
  if (code === null) return 'request failed';
  const known = words[code];
  if (known !== undefined) return known;
  if (code.startsWith('HPE_')) return `the answer is not HTTP (${code})`;
  if (/CERT|TLS|SSL|SIGNATURE|ISSUER|CRL|CHAIN/.test(code)) return `TLS failed (${code})`;
  return `request failed (${code})`;
}

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  ENOTFOUND: 'name does not resolve',
  EAI_AGAIN: 'name does not resolve (no answer from DNS)',
  EAI_FAIL: 'name does not resolve',
  EAI_NODATA: 'name does not resolve',
  ETIMEDOUT: 'connection timed out',
  ENETUNREACH: 'network unreachable',
  EHOSTUNREACH: 'host unreachable',
  EADDRNOTAVAIL: 'network unreachable',
  EPROTO: 'TLS failed (the other side does not speak it)',
  CERT_HAS_EXPIRED: 'TLS failed (certificate has expired)',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'TLS failed (certificate is self-signed)',
  SELF_SIGNED_CERT_IN_CHAIN: 'TLS failed (certificate is self-signed)',
  ERR_TLS_CERT_ALTNAME_INVALID: 'TLS failed (certificate is for another name)',
};

function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const code = 'code' in error ? error.code : null;
  return typeof code === 'string' && /^[A-Z0-9_]{2,60}$/.test(code) ? code : null;
}
