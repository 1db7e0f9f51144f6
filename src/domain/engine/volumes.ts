import type { CallOptions } from './call.ts';

/** What is asked of a volume. */
export interface VolumeCalls {
  volumes(
    filter?: { readonly labels?: readonly string[] },
    options?: CallOptions,
  ): Promise<readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[]>;
  createVolume(name: string, labels: Readonly<Record<string, string>>, options?: CallOptions): Promise<void>;
  /** Already gone is success. */
  removeVolume(name: string, options?: CallOptions): Promise<void>;
}
