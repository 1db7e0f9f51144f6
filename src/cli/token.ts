import { createToken, listTokens, revokeToken } from '../access/tokens.ts';
import { instant } from '../domain/clock.ts';
import { type ExitCode, exitCodes } from '../domain/errors.ts';
import type { App } from './app.ts';
import { audited } from './audited.ts';

/** `pitwall token create NAME --role R`: the value is printed here, once, and nowhere else. */
export async function tokenCreateCommand(name: string, { role }: { readonly role: string }, app: App): Promise<ExitCode> {
  const store = await app.store();
  await audited('token create', name, { role }, app);
  const token = createToken(store, name, role);
  app.out.data({ name, role, token });
  app.out.line(token);
  app.out.progress(`token ${name} (${role}): shown once, keep it safe`);
  return exitCodes.ok;
}

export async function tokenListCommand(app: App): Promise<ExitCode> {
  const { out } = app;
  const tokens = listTokens(await app.store()).map((token) => ({
    name: token.name,
    role: token.role,
    createdAt: instant(token.createdAt),
    revokedAt: token.revokedAt === null ? null : instant(token.revokedAt),
  }));
  out.data(tokens);
  out.table(
    ['NAME', 'ROLE', 'CREATED', 'REVOKED'],
    tokens.map((token) => [token.name, token.role, token.createdAt, token.revokedAt ?? '-']),
  );
  return exitCodes.ok;
}

export async function tokenRevokeCommand(name: string, app: App): Promise<ExitCode> {
  const store = await app.store();
  await audited('token revoke', name, null, app);
  revokeToken(store, name);
  app.out.data({ name, revoked: true });
  app.out.line(`token ${name} is revoked`);
  return exitCodes.ok;
}
