import type { Catalogue } from '../config/catalogue/catalogue.ts';
import type { Config } from '../config/config.ts';
import type { Clock } from '../domain/clock.ts';
import type { Engine } from '../domain/engine.ts';
import type { DrillKind } from '../domain/kind.ts';
import type { RunEvent } from '../domain/words.ts';
import type { Forensics } from '../forensics/service.ts';
import type { RunnerDeps } from '../runner/deps.ts';
import type { Store } from '../store/store.ts';
import type { Output } from './output.ts';

/** What a command may ask for. Each part is loaded and opened when it is first asked for: `pitwall drills` never loads dockerode. */
export interface App {
  readonly out: Output;
  readonly clock: Clock;
  readonly version: string;
  /** Who asks, for the record: the user's name. */
  readonly actor: string;
  /** `ci` where the environment says so. */
  readonly trigger: 'manual' | 'ci';
  readonly cwd: string;
  /** The environment, for what a Compose file asks of it. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly kinds: ReadonlyMap<string, DrillKind<unknown>>;
  config(): Config;
  catalogue(): Catalogue;
  store(): Promise<Store>;
  engines(): Promise<readonly Engine[]>;
  /** Evidence, and the containers that are held for it. */
  forensics(): Promise<Forensics>;
  /** What a run needs; registers this process in the store. */
  runner(options?: {
    readonly role?: 'serve' | 'command';
    readonly onEvent?: (event: RunEvent) => void;
    readonly onDisplaced?: () => void;
  }): Promise<RunnerDeps>;
  /** Closes whatever was opened, in reverse order. */
  close(): Promise<void>;
}
