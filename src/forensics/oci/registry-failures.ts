import { FailedError } from '../../domain/errors.ts';
import { oneLine } from '../../domain/inert.ts';

export type RegistryErrorCode = 'registry_unreachable' | 'registry_refused' | 'registry_full' | 'registry_digest';

/** What was tried, for the message: `registry http://…: cannot store the blob sha256:…: …`. */
export interface Attempt {
  readonly registry: string;
  readonly action: string;
}

export function registryError(
  code: RegistryErrorCode,
  { registry, action }: Attempt,
  why: string,
  cause?: unknown,
  hint?: string,
): FailedError {
  return new FailedError(code, `registry ${registry}: cannot ${action}: ${why}`, {
    hint: hint ?? hints[code],
    cause,
    context: { registry, action },
  });
}

const hints: Readonly<Record<RegistryErrorCode, string>> = {
  registry_unreachable: 'the evidence is kept here and is pushed when the registry answers again; pitwall doctor says what was found',
  registry_refused: 'see the log of the registry, and whether registry.credentials may push to registry.repository',
  registry_full:
    'make room in the registry or raise its quota or the size limit of the proxy before it; the evidence is kept here and is pushed later',
  registry_digest: 'do not trust what this registry holds: compare it with the evidence that is kept here (pitwall evidence verify)',
};

/** The error for an answer that says no. */
export function answerError(attempt: Attempt, status: number, body: string, secrets: readonly string[]): FailedError {
  const { codes, text } = read(body);
  const said = hide(text, secrets);
  const why = said === '' ? `it answered ${status}` : `it answered ${status}: ${said}`;
  const error = registryError(codeOf(status, codes, said), attempt, why, undefined, status === 401 ? credentialsHint : undefined);
  return new FailedError(error.code, error.message, { hint: error.hint, context: { ...error.context, status } });
}

/** The connection failed, or nothing came over it for too long. */
export function lostError(attempt: Attempt, cause: unknown): FailedError {
  const code = codeOfCause(cause);
  const hint = /CERT|TLS|SSL|SIGNATURE/.test(code)
    ? 'the certificate must name the host; NODE_EXTRA_CA_CERTS adds an authority'
    : undefined;
  return registryError('registry_unreachable', attempt, reasons[code] ?? messageOf(cause), cause, hint);
}

/** The other end went away: the same may be asked for once more. */
export function isDropped(cause: unknown): boolean {
  return ['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED'].includes(codeOfCause(cause));
}

const credentialsHint = 'registry.credentials names where user:password is found';

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens there',
  ENOTFOUND: 'its name is not known',
  EAI_AGAIN: 'its name cannot be looked up now',
  ECONNRESET: 'the connection was lost',
  EPIPE: 'the connection was lost',
  ERR_STREAM_PREMATURE_CLOSE: 'the connection was lost',
};

function codeOf(status: number, codes: readonly string[], said: string): RegistryErrorCode {
  if (status === 507 || status === 413 || /no space left|disk quota|quota|insufficient storage|storage limit/i.test(said))
    return 'registry_full';
  if (codes.includes('DIGEST_INVALID') || /digest.*(mismatch|did not match|invalid)/i.test(said)) return 'registry_digest';
  return status >= 500 ? 'registry_unreachable' : 'registry_refused';
}

/** https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes; the `detail` is left out, which may hold anything. */
function read(body: string): { codes: string[]; text: string } {
  try {
    const { errors } = JSON.parse(body) as { errors?: { code?: unknown; message?: unknown; detail?: unknown }[] };
    if (Array.isArray(errors)) {
      const codes = errors.map(({ code }) => String(code));
      return {
        codes,
        text: tidy(
          errors
            .map(({ code, message, detail }) => `${String(code)} ${typeof message === 'string' ? message : ''}${full(detail)}`)
            .join('; '),
        ),
      };
    }
  } catch {
    // A proxy answers in HTML or plain text.
  }
  return { codes: [], text: tidy(body.replace(/<[^>]*>/g, ' ')) };
}

/** A disk that is full is told as an unknown error with the system's sentence in its detail. */
function full(detail: unknown): string {
  const found = /no space left on device|disk quota exceeded/.exec(JSON.stringify(detail ?? ''));
  return found === null ? '' : `: ${found[0]}`;
}

function tidy(text: string): string {
  return oneLine(text.replace(/[\s\p{Cc}]+/gu, ' ').trim(), 300);
}

function hide(text: string, secrets: readonly string[]): string {
  return secrets.filter((secret) => secret.length > 3).reduce((shown, secret) => shown.replaceAll(secret, '…'), text);
}

function codeOfCause(cause: unknown): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
}

function messageOf(cause: unknown): string {
  // A host with several addresses fails with an AggregateError, whose own message is empty.
  const inner: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  return inner instanceof Error ? (reasons[codeOfCause(inner)] ?? inner.message) : String(inner);
}
