import type { Clock } from '../domain/clock.ts';
import type { Engine } from '../domain/engine.ts';
import type { Store } from '../store/store.ts';
import type { Signer } from './case/keys.ts';
import type { HostRecord } from './case/manifest.ts';
import type { Publisher } from './publish.ts';

export interface FreezerDeps {
  readonly store: Store;
  readonly clock: Clock;
  /** `evidence.path`: one folder a case. */
  readonly root: string;
  /** Made on first use. */
  signer(): Promise<Signer>;
  /** Where evidence is handled. */
  readonly host: HostRecord;
  /** Reference of the helper image on an engine, made when first asked for. */
  helperImage(engine: Engine): Promise<string>;
  /** A new ULID. */
  newId(): string;
  /** Pushes a sealed case where a registry is configured. */
  readonly publisher: Publisher;
  /** Where sealed cases are pushed to; null: nowhere. */
  readonly registry?: object | null | undefined;
  /** Version of Pitwall. */
  readonly version: string;
  /** How the kernel is looked into; only tests say. */
  readonly collectVia?: 'proc' | 'helper' | undefined;
}
