/** Names whose value alone must not be shown, wherever it turns up. */
const telling = /pass|secret|token|key|auth|cred|dsn|url/i;

/** What of `NAME=value` lines an engine that refuses one may repeat: the line, and the value when its name says that it is a secret. */
export function secretsOf(env: unknown): string[] {
  if (!Array.isArray(env)) return [];
  return env.map(String).flatMap((line) => {
    const [name = '', ...rest] = line.split('=');
    const value = rest.join('=');
    return value === '' ? [] : [line, ...(telling.test(name) ? [value] : [])];
  });
}
