import { randomBytes } from 'node:crypto';
import { chmod, link, open, readdir, readFile, rename, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Answers, FileStat, Question, Spot } from './agent-lines.ts';
import { Fault, isAbsent, lstatIfThere, pathOf } from './agent-path.ts';

type To<Q extends Question['do']> = Extract<Question, { readonly do: Q }>;

export async function look(spot: Spot): Promise<Answers['look']> {
  const path = await pathOf(spot);
  const stat = await lstatIfThere(path);
  const names = await namesIn(dirname(path));
  return {
    file: stat === null ? null : { ...modeOf(stat), inode: `${stat.dev}:${stat.ino}`, plain: stat.isFile() },
    folder: names !== null,
    others: (names ?? []).filter((name) => isOurs(name, path) && !name.includes(`.pitwall-${runOf(spot.mark)}`)),
  };
}

export async function read(spot: Spot): Promise<Answers['read']> {
  const bytes = await contentOf(await pathOf(spot));
  return { bytes: bytes?.toString('base64') ?? null };
}

/** Says what the file holds without saying it. */
export async function compare(asked: To<'compare'>): Promise<Answers['compare']> {
  const bytes = await contentOf(await pathOf(asked));
  return { which: bytes === null ? null : asked.values.findIndex((value) => Buffer.from(value, 'base64').equals(bytes)) };
}

/**
 * A second name of the file as it is: bytes, owner, mode and whatever else hangs on it are then back by a rename. Where a file system has no
 * second names, a copy. Never made twice, and of what another of the run has kept where there is such: so that it never holds a new value.
 */
export async function backup(spot: Spot): Promise<Answers['backup']> {
  const path = await pathOf(spot);
  const { old, none } = beside(path, spot.mark);
  if ((await exists(old)) || (await exists(none))) return { made: false };
  const others = await keptBeside(path, spot.mark);
  const before = others.find((one) => one.endsWith('.old')) ?? path;
  const stat = await lstatIfThere(before);
  if (stat === null || (before === path && others.length > 0)) {
    await (await open(none, 'wx', 0o600)).close();
  } else {
    if (!stat.isFile()) throw new Fault('NOT_A_FILE');
    await link(before, old).catch(() => copyTo(old, before, modeOf(stat), path, spot.mark));
  }
  await flush(dirname(path));
  return { made: true };
}

/** Whoever reads the file meanwhile reads the old or the new, whole. */
export async function write(asked: To<'write'>): Promise<Answers['write']> {
  const { mark, like, tighten } = asked;
  const path = await pathOf(asked);
  const bytes = Buffer.from(asked.bytes, 'base64');
  const stat = await lstatIfThere(path);
  if (stat !== null && !stat.isFile()) throw new Fault('NOT_A_FILE');
  const { old, none } = beside(path, mark);
  const kept = await lstatIfThere(old);
  if (kept === null && !(await exists(none))) throw new Fault('NO_BACKUP');
  const written = !((await contentOf(path))?.equals(bytes) ?? false);
  if (written) await replace(path, bytes, stat === null ? (like ?? { mode: 0o600, uid: 0, gid: 0 }) : modeOf(stat), mark);
  if (!((await contentOf(path))?.equals(bytes) ?? false)) throw new Fault('READ_BACK');
  const left = await lstatIfThere(old);
  // by any other name it is somebody's file still
  if (tighten && left !== null && left.nlink === (await ownNames(path, mark, left))) await chmod(old, left.mode & 0o600);
  return { written };
}

/** The file as it was before `backup`; the backup stays. */
export async function restore({ before, ...spot }: To<'restore'>): Promise<Answers['restore']> {
  const path = await pathOf(spot);
  const { old, none } = beside(path, spot.mark);
  await clean(path, spot.mark);
  const kept = await lstatIfThere(old);
  if (kept !== null) {
    if (before !== null) await chmod(old, before.mode);
    const now = await lstatIfThere(path);
    if (now?.ino !== kept.ino || now.dev !== kept.dev) await putBack(path, old, before ?? modeOf(kept), spot.mark);
    const [is, was] = [await contentOf(path), await contentOf(old)];
    if (is === null || was === null || !is.equals(was)) throw new Fault('READ_BACK');
    return { restored: true };
  }
  if (!(await exists(none))) return { restored: false };
  await unlinkIfThere(path);
  await flush(dirname(path));
  return { restored: true };
}

/** Nothing of this run lies beside the file any more. */
export async function forget(spot: Spot): Promise<Answers['forget']> {
  const path = await pathOf(spot);
  const { old, none } = beside(path, spot.mark);
  await clean(path, spot.mark);
  // the name that is left keeps the mode that it had
  await unlinkIfThere(old);
  await unlinkIfThere(none);
  const names = await namesIn(dirname(path));
  if (names !== null) await flush(dirname(path));
  return { left: (names ?? []).filter((name) => isOurs(name, path) && name.includes(`.pitwall-${spot.mark}`)) };
}

async function putBack(path: string, old: string, as: FileStat, mark: string): Promise<void> {
  const fresh = freshName(path, mark);
  try {
    await link(old, fresh);
  } catch {
    return replace(path, await readFile(old), as, mark);
  }
  await rename(fresh, path);
  await flush(dirname(path));
}

async function replace(path: string, bytes: Buffer, as: FileStat, mark: string): Promise<void> {
  const fresh = freshName(path, mark);
  try {
    await writeNew(fresh, bytes, as);
    await rename(fresh, path);
  } catch (error) {
    await unlinkIfThere(fresh).catch(() => undefined);
    throw error;
  }
  await flush(dirname(path));
}

async function copyTo(old: string, from: string, as: FileStat, path: string, mark: string): Promise<void> {
  const fresh = freshName(path, mark);
  await writeNew(fresh, await readFile(from), { ...as, mode: as.mode & 0o600 });
  // a name is taken only when all of it is there
  if (await exists(old)) await unlinkIfThere(fresh);
  else await rename(fresh, old);
}

async function writeNew(path: string, bytes: Buffer, { mode, uid, gid }: FileStat): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.chown(uid, gid);
    await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What a process that was killed had begun. */
async function clean(path: string, mark: string): Promise<void> {
  const begun = new RegExp(`\\.pitwall-${mark}[0-9a-f]{8}\\.new$`);
  const names = (await namesIn(dirname(path))) ?? [];
  for (const name of names) if (isOurs(name, path) && begun.test(name)) await unlinkIfThere(join(dirname(path), name));
}

function beside(path: string, mark: string): { readonly old: string; readonly none: string } {
  const stem = join(dirname(path), `.${basename(path)}.pitwall-${mark}`);
  return { old: `${stem}.old`, none: `${stem}.none` };
}

/** What the run has kept of the file for any of its containers. */
async function keptBeside(path: string, mark: string): Promise<string[]> {
  const names = (await namesIn(dirname(path))) ?? [];
  const kept = names.filter((name) => isOurs(name, path) && name.includes(`.pitwall-${runOf(mark)}`) && !name.endsWith('.new'));
  return kept.map((name) => join(dirname(path), name));
}

async function ownNames(path: string, mark: string, { ino }: { readonly ino: number }): Promise<number> {
  const kept = await Promise.all((await keptBeside(path, mark)).map(lstatIfThere));
  return kept.filter((stat) => stat?.ino === ino).length;
}

function runOf(mark: string): string {
  return mark.slice(0, 12);
}

function freshName(path: string, mark: string): string {
  return join(dirname(path), `.${basename(path)}.pitwall-${mark}${randomBytes(4).toString('hex')}.new`);
}

function isOurs(name: string, path: string): boolean {
  const stem = `.${basename(path)}.pitwall-`;
  return name.startsWith(stem) && /^[0-9a-f]{20}([0-9a-f]{8})?\.(old|none|new)$/.test(name.slice(stem.length));
}

function modeOf(stat: FileStat): FileStat {
  return { mode: stat.mode & 0o7777, uid: stat.uid, gid: stat.gid };
}

async function exists(path: string): Promise<boolean> {
  return (await lstatIfThere(path)) !== null;
}

async function contentOf(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

async function namesIn(folder: string): Promise<string[] | null> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isAbsent(error)) return null;
    throw error;
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isAbsent(error)) throw error;
  }
}

async function flush(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
