/** What the anchor writes down, a line each, and whom it serves no more. */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const home = '/anchor';

export function note(book, app, what) {
  appendFileSync(`${home}/${book}.log`, `${new Date().toISOString()} ${app} ${what}\n`);
}

export function count(book, app) {
  if (!existsSync(`${home}/${book}.log`)) return 0;
  return readFileSync(`${home}/${book}.log`, 'utf8')
    .split('\n')
    .filter((line) => line !== '' && (app === undefined || line.split(' ')[1] === app)).length;
}

export function revoked(app) {
  return existsSync(`${home}/revoked/${app}`);
}

export function revoke(app) {
  mkdirSync(`${home}/revoked`, { recursive: true });
  writeFileSync(`${home}/revoked/${app}`, '');
}

export function grant(app) {
  rmSync(`${home}/revoked/${app}`, { force: true });
}
