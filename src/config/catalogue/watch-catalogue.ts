import { type FSWatcher, statSync, watch } from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../../domain/clock.ts';
import { displayPath } from '../display-path.ts';
import { drillFileParser } from '../drill/drill-file.ts';
import type { CatalogueOptions } from './catalogue.ts';
import { readDrillFile } from './catalogue.ts';
import { type DrillFolders, listDrillFolders } from './drill-folders.ts';
import { assemble, type FileInForce, replaceFile, type WatchedCatalogue } from './in-force.ts';

export interface WatchOptions extends CatalogueOptions {
  readonly clock: Pick<Clock, 'sleep'>;
  /** ms between looks at every file, for file systems that tell nothing. (Default: 5000.) */
  readonly pollMs?: number;
  /** ms for which a file must not have changed before it is read. (Default: 150.) */
  readonly settleMs?: number;
}

export interface CatalogueWatch extends AsyncDisposable {
  current(): WatchedCatalogue;
  /** Called with each new catalogue; a listener must not throw. Returns what takes it off again. */
  onChange(listener: (catalogue: WatchedCatalogue) => void): () => void;
  stop(): Promise<void>;
}

/**
 * The catalogue, kept up to date: an edit counts once the file has been left alone for `settleMs`, so that a half-written file or an
 * editor's rename is not taken for the whole. A broken edit leaves the last good version of its drills in force; a removed file removes its.
 */
export function watchCatalogue(options: WatchOptions): CatalogueWatch {
  const watching = new Watching(options);
  return {
    current: () => watching.current,
    onChange: (listener) => watching.listen(listener),
    stop: () => watching.stop(),
    [Symbol.asyncDispose]: () => watching.stop(),
  };
}

class Watching {
  readonly #options: WatchOptions;
  readonly #parse;
  readonly #listeners = new Set<(catalogue: WatchedCatalogue) => void>();
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #ended: Promise<void>;
  /** Ends the pause between two looks; while a file settles, only `stop` does. */
  #pause = new AbortController();
  #phase: 'idle' | 'settling' | 'stopped' = 'idle';
  /** What each file looked like at the last look, and what is in force from it. */
  #marks = new Map<string, string>();
  #files = new Map<string, FileInForce>();
  /** What was wrong with the folders at the last look. */
  #folders: string;
  current: WatchedCatalogue;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#parse = drillFileParser(options.kinds);
    const found = this.#list();
    this.#marks = found.marks;
    for (const [file, seen] of found.marks) this.#read(file, seen);
    this.current = assemble([...this.#files.values()], found.problems, []);
    this.#folders = found.problems.map((problem) => problem.message).join('\n');
    this.#follow(found.folders);
    this.#ended = this.#loop();
  }

  listen(listener: (catalogue: WatchedCatalogue) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async stop(): Promise<void> {
    this.#phase = 'stopped';
    this.#pause.abort();
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
    await this.#ended;
  }

  async #loop(): Promise<void> {
    const { pollMs = 5_000, settleMs = 150 } = this.#options;
    while (this.#phase !== 'stopped') {
      const told = await this.#sleep(this.#phase === 'settling' ? settleMs : pollMs);
      if (isStopped(this.#phase)) return;
      // Told of a change: it has hardly settled, and more may follow.
      this.#phase = told || this.#look() ? 'settling' : 'idle';
    }
  }

  /** True when it was ended before its time. */
  async #sleep(ms: number): Promise<boolean> {
    this.#pause = new AbortController();
    const { signal } = this.#pause;
    try {
      await this.#options.clock.sleep(ms, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    return signal.aborted;
  }

  #told(name: string | null): void {
    const concerns = name === null || /\.ya?ml$/.test(name) || !name.includes('.');
    if (concerns && this.#phase === 'idle') this.#pause.abort();
  }

  /** Reads what has changed and since settled; true when something has changed and not settled yet. */
  #look(): boolean {
    const found = this.#list();
    this.#follow(found.folders);
    const before = this.#marks;
    this.#marks = found.marks;
    let changed = false;
    let unsettled = false;
    for (const file of new Set([...found.marks.keys(), ...this.#files.keys()])) {
      const now = this.#marks.get(file) ?? gone;
      if (now === (this.#files.get(file)?.mark ?? gone)) continue;
      if (now === gone && found.unreadable.some((folder) => dirname(file) === folder || dirname(dirname(file)) === folder)) continue;
      if (now !== (before.get(file) ?? gone)) {
        unsettled = true;
        continue;
      }
      changed = true;
      if (now === gone) this.#files.delete(file);
      else this.#read(file, now);
    }
    const folders = found.problems.map((problem) => problem.message).join('\n');
    if (changed || folders !== this.#folders) this.#tell(assemble([...this.#files.values()], found.problems, this.current.drills));
    this.#folders = folders;
    return unsettled;
  }

  #tell(next: WatchedCatalogue): void {
    this.current = next;
    for (const listener of this.#listeners) listener(next);
  }

  #read(file: string, seen: string): void {
    const read = readDrillFile(file, displayPath(file, this.#options.cwd), this.#parse);
    this.#files.set(file, replaceFile(this.#files.get(file), { mark: seen, ...read }));
  }

  #list(): DrillFolders & { readonly marks: Map<string, string> } {
    const found = listDrillFolders(this.#options.folders, this.#options.cwd);
    const marks = found.files.map((file) => [file, mark(file)] as const);
    return { ...found, marks: new Map(marks.filter(([, seen]) => seen !== gone)) };
  }

  /** Where the kernel tells of changes, they are seen at once; where it does not, the next look finds them. */
  #follow(folders: readonly string[]): void {
    for (const [folder, watcher] of this.#watchers) {
      if (folders.includes(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of folders) {
      if (this.#watchers.has(folder)) continue;
      try {
        const watcher = watch(folder, { persistent: false }, (_, name) => this.#told(name));
        this.#watchers.set(folder, watcher);
        watcher.on('error', () => {
          watcher.close();
          this.#watchers.delete(folder);
        });
      } catch {
        // No such folder yet, or no watches left.
      }
    }
  }
}

/** Asked anew after each await, which the compiler does not expect of a field. */
function isStopped(phase: 'idle' | 'settling' | 'stopped'): boolean {
  return phase === 'stopped';
}

const gone = 'gone';

/** Changes whenever the file does: also when another takes its place with the same size within one tick of the clock. */
function mark(file: string): string {
  const stat = statOf(file);
  if (typeof stat === 'string') return stat;
  return stat ? `${stat.ino}:${stat.size}:${stat.mtimeNs}:${stat.ctimeNs}` : gone;
}

/** A link that leads to itself, or a folder that was closed to us, is a state of the file like any other: reading it says what is wrong. */
function statOf(file: string) {
  try {
    return statSync(file, { bigint: true, throwIfNoEntry: false });
  } catch (error) {
    return `unreadable: ${(error as NodeJS.ErrnoException).code}`;
  }
}
