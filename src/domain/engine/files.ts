import type { CallOptions } from './call.ts';

/** What is asked of the files of a container. */
export interface FileCalls {
  changes(id: string, options?: CallOptions): Promise<FileChange[]>;
  /** Null when the path does not exist. */
  statPath(id: string, path: string, options?: CallOptions): Promise<PathStat | null>;
  /** The tar of a file or folder of a container, its volumes included, to be read fast: the engine locks the container until it has ended. Null when there is none. */
  readArchive(id: string, path: string, options?: CallOptions): Promise<NodeJS.ReadableStream | null>;
  /** Unpacks a tar into a folder that exists. Refused where the file system is read-only; a tmpfs is not seen, what it hides is written. */
  putArchive(id: string, path: string, tar: NodeJS.ReadableStream | Uint8Array, options?: CallOptions): Promise<void>;
  /** Bytes of the files in a container's writable layer, holes counted as if they were written; null when the engine does not say. */
  layerBytes(id: string, options?: CallOptions): Promise<number | null>;
}

export interface FileChange {
  readonly path: string;
  readonly kind: 'added' | 'modified' | 'deleted';
}

export interface PathStat {
  readonly name: string;
  readonly size: number;
  /** Unix permission bits; the four below are split out of Go's mode. */
  readonly mode: number;
  readonly isDirectory: boolean;
  readonly isLink: boolean;
  readonly isSocket: boolean;
  /** Neither folder nor link, nor a socket, pipe or device. */
  readonly isFile: boolean;
  readonly modifiedAt: string;
}
