import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createToken, listTokens, revokeToken } from '../../access/tokens.ts';
import type { Store } from '../../store/store.ts';

const name = 'admin';

/**
 * The first `serve` makes an admin token in `<home>/token`, mode 0600: nobody acts unnamed, not even on loopback. Returns the path. One
 * whose file was lost is made anew, and it never expires, as whoever can read the file could make another; its value is in that file and nowhere else.
 */
export function firstToken(store: Store, home: string): string {
  const path = join(home, 'token');
  const inUse = listTokens(store).some((token) => token.name === name && token.revokedAt === null);
  // somebody who revoked it on purpose does not get it back
  const known = existsSync(path) && readFileSync(path, 'utf8').trim() !== '';
  if (known && listTokens(store).length > 0) return path;
  if (inUse) revokeToken(store, name);
  // whole or not at all: an empty file would be believed for ever
  const draft = `${path}.new`;
  rmSync(draft, { force: true });
  const file = openSync(draft, 'wx', 0o600);
  try {
    writeSync(file, `${createToken(store, name, 'admin', { expiresAt: null })}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(draft, path);
  return path;
}
