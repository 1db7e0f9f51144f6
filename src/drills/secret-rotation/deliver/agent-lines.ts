/** What is asked of a helper that writes secret files, and what it answers; bytes are base64. */
export interface Spot {
  /** The helper's own path of what it works in. */
  readonly base: string;
  /** Where the base lies in the container: absolute links below it are followed. */
  readonly mountedAt: string;
  /** Below the base. */
  readonly path: string;
  /** In the names of what lies beside the file: 12 hexadecimal digits of the run, and 8 of whom it is for. */
  readonly mark: string;
}

export interface FileStat {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

export type Question =
  | (Spot & { readonly do: 'look' })
  | (Spot & { readonly do: 'read' })
  | (Spot & { readonly do: 'backup' })
  /** `like`: owner and mode of a file that is not there yet. */
  | (Spot & { readonly do: 'write'; readonly bytes: string; readonly like: FileStat | null; readonly tighten: boolean })
  | (Spot & { readonly do: 'restore'; readonly before: FileStat | null })
  | (Spot & { readonly do: 'forget' })
  | (Spot & { readonly do: 'compare'; readonly values: readonly string[] })
  | { readonly do: 'mounted'; readonly process: number; readonly path: string }
  | { readonly do: 'post'; readonly hosts: readonly string[]; readonly port: number; readonly path: string };

export interface Answers {
  /** `folder`: its folder is there. `others`: names of what other runs left beside it. `inode`: tells two files apart. */
  readonly look: {
    readonly file: (FileStat & { readonly inode: string; readonly plain: boolean }) | null;
    readonly folder: boolean;
    readonly others: readonly string[];
  };
  /** Null: there is none. */
  readonly read: { readonly bytes: string | null };
  readonly backup: { readonly made: boolean };
  /** False: it held that already. */
  readonly write: { readonly written: boolean };
  /** False: there is no backup. */
  readonly restore: { readonly restored: boolean };
  /** Names of what is still there. */
  readonly forget: { readonly left: readonly string[] };
  /** The first value that the file holds; -1: another; null: there is no file. */
  readonly compare: { readonly which: number | null };
  readonly mounted: { readonly point: string; readonly type: string; readonly readOnly: boolean };
  /** `code`: why there was no answer. */
  readonly post: { readonly status: number | null; readonly code: string | null };
}

export type Asked = Question & { readonly id: number };

export type Said =
  | { readonly id: number; readonly answer: Answers[keyof Answers] }
  /** A code of the system, or one of ours: `LEAVES` for a link out of the base, `NO_BACKUP`, `NOT_A_FILE`, `READ_BACK`. Never a text. */
  | { readonly id: number; readonly failed: string };
