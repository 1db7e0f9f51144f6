import { createToken, listTokens, revokeToken, type TokenInfo } from '../../access/tokens.ts';
import { instant } from '../../domain/clock.ts';
import { parseDuration } from '../../domain/duration.ts';
import { type ExitCode, exitCodes, InvalidError } from '../../domain/errors.ts';
import type { App } from '../app.ts';
import { audited } from '../audited.ts';

interface CreateFlags {
  readonly role: string;
  /** A duration from now on, or `never`. */
  readonly expires: string;
  readonly scope: readonly string[];
}

/** `pitwall token create NAME --role R`: the value is printed here, once, and nowhere else. */
export async function tokenCreateCommand(name: string, { role, expires, scope }: CreateFlags, app: App): Promise<ExitCode> {
  const expiresAt = expiryOf(expires, app.clock.now());
  const store = await app.store();
  const terms = { role, expiresAt: expiresAt === null ? null : instant(expiresAt), scope };
  const act = { act: 'token create', object: name, data: terms };
  const token = await audited(act, app, () => createToken(store, name, role, { expiresAt, scope }));
  app.out.data({ name, ...terms, token });
  app.out.line(token);
  const until = terms.expiresAt === null ? 'never expires' : `expires ${terms.expiresAt}`;
  const on = scope.length === 0 ? '' : `, acts on ${scope.join(', ')} alone`;
  app.out.progress(`token ${name} (${role}${on}): ${until}; shown once, keep it safe`);
  return exitCodes.ok;
}

export async function tokenListCommand(app: App): Promise<ExitCode> {
  const { out } = app;
  const tokens = listTokens(await app.store()).map((token) => ({
    name: token.name,
    role: token.role,
    scope: token.scope,
    state: stateOf(token),
    createdAt: instant(token.createdAt),
    expiresAt: token.expiresAt === null ? null : instant(token.expiresAt),
    lastUsedAt: token.lastUsedAt === null ? null : instant(token.lastUsedAt),
    revokedAt: token.revokedAt === null ? null : instant(token.revokedAt),
  }));
  out.data(tokens);
  out.table(
    ['NAME', 'ROLE', 'STATE', 'SCOPE', 'CREATED', 'EXPIRES', 'LAST USED'],
    tokens.map(({ name, role, state, scope, createdAt, expiresAt, lastUsedAt }) => [
      name,
      role,
      state,
      scope.join(' ') || '-',
      createdAt,
      expiresAt ?? 'never',
      lastUsedAt ?? '-',
    ]),
  );
  return exitCodes.ok;
}

export async function tokenRevokeCommand(name: string, app: App): Promise<ExitCode> {
  const store = await app.store();
  await audited({ act: 'token revoke', object: name, data: null }, app, () => revokeToken(store, name));
  app.out.data({ name, revoked: true });
  app.out.line(`token ${name} is revoked`);
  return exitCodes.ok;
}

function stateOf({ revokedAt, expired }: TokenInfo): 'in use' | 'revoked' | 'expired' {
  if (revokedAt !== null) return 'revoked';
  return expired ? 'expired' : 'in use';
}

/** UTC ms; null for one that never expires. */
function expiryOf(text: string, now: number): number | null {
  if (text === 'never') return null;
  const ms = parseDuration(text);
  if (ms.ok && ms.value > 0) return now + ms.value;
  const problem = ms.ok ? 'is no time at all (try 90d)' : ms.problem;
  throw new InvalidError('usage', `--expires: ${JSON.stringify(text)} ${problem}`, {
    hint: '--expires never, for one that does not expire',
  });
}
