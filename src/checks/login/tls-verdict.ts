import { codeOf, unknown } from './codes.ts';
import type { Verdict } from './connection.ts';

/**
 * Alerts by which a server refuses a client's certificate (RFC 8446, 6.2). Node's code carries OpenSSL's name of the alert, with a prefix that differs from
 * version to version: `ERR_SSL_TLSV1_ALERT_UNKNOWN_CA`, `ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE`.
 */
export function tlsVerdict(error: unknown): Verdict {
  const code = codeOf(error);
  const alert = /^ERR_SSL_.*_ALERT_([A-Z_]+)$/.exec(code)?.[1]?.toLowerCase();
  return alert !== undefined && refusals.has(alert) ? { answer: 'refused', code: alert } : unknown(code);
}

const refusals: ReadonlySet<string> = new Set([
  'bad_certificate',
  'unsupported_certificate',
  'certificate_revoked',
  'certificate_expired',
  'certificate_unknown',
  'certificate_required',
  'unknown_ca',
  'access_denied',
  'handshake_failure',
]);
