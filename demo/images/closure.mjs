import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repository } from '../lib/repository.mjs';

/**
 * The folders of npm packages and of all that they need at run time, as this clone has them installed.
 *
 * @param {string[]} names
 * @returns {Record<string, string>} where it belongs, below a folder with node_modules → where it is
 */
export function packageClosure(names) {
  const found = {};
  const visit = (name, from) => {
    const folder = resolve(name, from);
    // Optional packages of another platform are not there.
    if (!folder || found[folder]) return;
    found[folder] = true;
    const { dependencies = {}, optionalDependencies = {} } = readPackage(folder);
    for (const needed of Object.keys({ ...dependencies, ...optionalDependencies })) visit(needed, folder);
  };
  for (const name of names) {
    if (!resolve(name, repository)) throw new Error(`${name} is not installed: run npm ci`);
    visit(name, repository);
  }
  return Object.fromEntries(Object.keys(found).map((folder) => [folder.slice(repository.length + 1), folder]));
}

/** As Node looks: in node_modules of the folder, then of each folder above it. */
function resolve(name, from) {
  for (let folder = from; folder.startsWith(repository); folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
  }
  return undefined;
}

function readPackage(folder) {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
