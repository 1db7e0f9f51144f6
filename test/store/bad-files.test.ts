import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { fakeClock, newRun, tempFolder, tempStore } from './support.ts';

const clock = fakeClock();
const open = (path: string, create = true) => openStore({ path, clock, create });
const isRoot = process.getuid?.() === 0;

function throwing(code: string) {
  return expect.objectContaining({ code, exitCode: 7, hint: expect.stringMatching(/.+/) as string }) as Error;
}

describe('opening', () => {
  it('makes the folder 0700 and the files 0600', () => {
    const path = join(tempFolder(), 'home', 'pitwall.db');
    const store = open(path);
    store.processes.register('command');
    const mode = (file: string) => (statSync(file).mode & 0o777).toString(8);
    expect([mode(join(path, '..')), mode(path), mode(`${path}-wal`), mode(`${path}-shm`)]).toEqual(['700', '600', '600', '600']);
    store.close();
    expect(open(path).instanceId).toMatch(/^[0-9a-f]{32}$/);
  });

  it('writes ahead, can give space back, and knows itself again', () => {
    const { store, path, again } = tempStore();
    const db = new Database(path);
    onTestFinished(() => void db.close());
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(db.pragma('auto_vacuum', { simple: true })).toBe(2);
    expect(again().instanceId).toBe(store.instanceId);
  });

  it('refuses a file that is missing when it is not to be made', () => {
    const path = join(tempFolder(), 'none.db');
    expect(() => open(path, false)).toThrow(expect.objectContaining({ code: 'database_missing', exitCode: 2 }));
    expect(existsSync(path)).toBe(false);
  });

  it('refuses a newer database and leaves it alone', () => {
    const { path, store } = tempStore();
    store.close();
    const db = new Database(path);
    db.pragma('user_version = 99');
    db.close();
    const before = readFileSync(path);
    expect(() => open(path)).toThrow(throwing('database_newer'));
    expect(() => open(path)).toThrow('has schema 99');
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  it.each([
    ['text', () => Buffer.from('this is no database\n'.repeat(100))],
    ['a few bytes', () => Buffer.from('hello')],
    ['noise behind a header', () => Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(8000, 0x5a)])],
  ])('refuses %s as damaged', (_, content) => {
    const path = join(tempFolder(), 'p.db');
    writeFileSync(path, content());
    expect(() => open(path)).toThrow(throwing('database_corrupt'));
  });

  it('refuses a database of another program', () => {
    const path = join(tempFolder(), 'other.db');
    const db = new Database(path);
    db.exec('CREATE TABLE songs (title TEXT)');
    db.close();
    expect(() => open(path)).toThrow('is a database of another program');
  });

  it.each([0.9, 0.5, 0.01])('refuses a file of which only %d is left', (share) => {
    const { path, store, processId } = tempStore();
    for (let i = 0; i < 200; i++) store.runs.open(newRun({ processId }));
    store.close();
    truncateSync(path, Math.floor(statSync(path).size * share));
    expect(() => open(path)).toThrow(throwing('database_corrupt'));
  });

  it('tells of a damaged page when it is read', () => {
    const { path, store, processId } = tempStore();
    for (let i = 0; i < 500; i++) store.runs.open(newRun({ processId }));
    store.close();
    const bytes = readFileSync(path);
    bytes.fill(0xff, 4096 * 3);
    writeFileSync(path, bytes);
    expect(() => {
      const damaged = open(path);
      onTestFinished(() => damaged.close());
      damaged.runs.list({ limit: 500 });
    }).toThrow(throwing('database_corrupt'));
  });

  it('refuses a path that cannot be made', () => {
    const folder = tempFolder();
    writeFileSync(join(folder, 'file'), '');
    expect(() => open(join(folder, 'file', 'p.db'))).toThrow(throwing('database_unwritable'));
    mkdirSync(join(folder, 'p.db'));
    expect(() => open(join(folder, 'p.db'))).toThrow(throwing('database_unwritable'));
  });
});

describe('working', () => {
  it('says so when another program holds the database', () => {
    const { path, store, processId } = tempStore();
    const other = new Database(path);
    onTestFinished(() => void other.close());
    other.exec('BEGIN IMMEDIATE');
    const began = Date.now();
    expect(() => store.runs.open(newRun({ processId }))).toThrow(throwing('database_locked'));
    expect(Date.now() - began).toBeGreaterThan(4000);
    // reading goes on meanwhile
    expect(store.runs.list()).toEqual([]);
    other.exec('ROLLBACK');
    store.runs.open(newRun({ processId }));
  });

  it.runIf(isRoot)('says so in a folder that is read-only', () => {
    const folder = mountedTmpfs('size=4m');
    const path = join(folder, 'p.db');
    open(path).close();
    execFileSync('mount', ['-o', 'remount,ro', folder]);
    expect(() => open(path).processes.register('command')).toThrow(throwing('database_unwritable'));
    expect(() => open(join(folder, 'new.db'))).toThrow(throwing('database_unwritable'));
  });

  it.runIf(isRoot)('says so on a full disk, keeps what was committed, and goes on when there is space again', () => {
    const folder = mountedTmpfs('size=4m');
    const path = join(folder, 'p.db');
    const store = open(path);
    onTestFinished(() => store.close());
    const processId = store.processes.register('command').id;
    const run = newRun({ processId });
    store.runs.open(run);
    let written = 0;
    const fill = () => {
      for (;;) {
        store.events.add(run.id, 'fill', null, 'x'.repeat(5000));
        written += 1;
      }
    };
    expect(fill).toThrow(throwing('database_full'));
    expect(store.events.list(run.id)).toHaveLength(written);
    execFileSync('mount', ['-o', 'remount,size=16m', folder]);
    store.events.add(run.id, 'more', null, '');
    expect(store.events.list(run.id)).toHaveLength(written + 1);
  });
});

describe('a backup', () => {
  it('is a whole database, taken beside a writer, 0600, and never replaces a file', async () => {
    const { store, path, processId } = tempStore();
    const run = newRun({ processId });
    store.runs.open(run);
    for (let i = 0; i < 1000; i++) store.events.add(run.id, 'fill', null, 'x'.repeat(1000));
    const file = join(path, '..', 'backup.db');
    await store.backup(file);
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600');
    const copy = open(file, false);
    onTestFinished(() => copy.close());
    expect(copy.instanceId).toBe(store.instanceId);
    expect(copy.events.list(run.id)).toHaveLength(1000);
    const before = readFileSync(file);
    await expect(store.backup(file)).rejects.toThrow(expect.objectContaining({ code: 'backup_exists' }));
    expect(readFileSync(file).equals(before)).toBe(true);
    await expect(store.backup(join(path, '..', 'none', 'b.db'))).rejects.toThrow(throwing('database_unwritable'));
    await expect(store.backup(join(path, '..', 'none', 'b.db'))).rejects.toThrow(
      expect.objectContaining({
        message: expect.stringMatching(/b\.db: the copy cannot be written \(ENOENT\)$/),
        hint: expect.stringMatching(/a folder that this user may write to, or name another file$/),
      }),
    );
    const left = execFileSync('ls', [join(path, '..')]).toString();
    expect(left).not.toContain('.part');
  });
});

function mountedTmpfs(options: string): string {
  const folder = tempFolder();
  execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder]);
  onTestFinished(() => void execFileSync('umount', ['-l', folder]));
  return folder;
}
