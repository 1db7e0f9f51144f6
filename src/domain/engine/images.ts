import type { CallOptions, Json } from './call.ts';

/** What is asked of an image. */
export interface ImageCalls {
  inspectImage(reference: string, options?: CallOptions): Promise<ImageInspect>;
  images(
    filter?: { readonly labels?: readonly string[] },
    options?: CallOptions,
  ): Promise<readonly { readonly id: string; readonly tags: readonly string[]; readonly labels: Readonly<Record<string, string>> }[]>;
  /** Already gone is success. */
  removeImage(id: string, options?: CallOptions): Promise<void>;
  /** Makes an image of one layer from a tar of a root file system. `changes` are Dockerfile lines: `LABEL a="b"`. */
  importImage(tar: NodeJS.ReadableStream, reference: string, changes: readonly string[], options?: CallOptions): Promise<void>;
  /**
   * Makes an image of a container's file system as it is, without pausing it: the engine ignores it when its own pause fails, so pausing is
   * the caller's. Volumes, bind mounts and tmpfs are not part of it. `changes` are Dockerfile lines. The image's id. Default time-out 10 min.
   */
  commit(
    id: string,
    options?: CallOptions & {
      readonly reference?: string;
      readonly comment?: string;
      readonly author?: string;
      readonly changes?: readonly string[];
    },
  ): Promise<string>;
  /** The tar of `docker save`, to be read to its end or destroyed. Its `manifest.json` names the configuration and the layers on every version. */
  saveImage(id: string, options?: CallOptions): Promise<NodeJS.ReadableStream>;
  /** Newest layer first, as the engine says it. */
  imageHistory(id: string, options?: CallOptions): Promise<readonly Json[]>;
}

export interface ImageInspect {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly RepoDigests: readonly string[] | null;
  readonly Created: string;
  readonly Size: number;
  readonly Config: Json & {
    readonly Labels?: Readonly<Record<string, string>> | null;
    readonly Env?: readonly string[] | null;
    readonly Cmd?: readonly string[] | null;
    readonly Entrypoint?: readonly string[] | null;
    readonly Volumes?: Readonly<Record<string, unknown>> | null;
  };
}
