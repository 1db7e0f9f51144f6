import { homedir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { monotonicFactory } from 'ulid';
import type { App } from './cli/app.ts';
import { createOutput } from './cli/output.ts';
import type { GlobalFlags } from './cli/program.ts';
import { rollUpSaid } from './cli/roll-up-said.ts';
import { systemClock } from './clock.ts';
import { type Catalogue, loadCatalogue } from './config/catalogue/catalogue.ts';
import { type Config, loadConfig } from './config/config.ts';
import { secretValue } from './config/secret-value.ts';
import type { Engine } from './domain/engine.ts';
import type { Forensics } from './forensics/service.ts';
import { changeHandlers, kinds } from './kinds.ts';
import { openProcess } from './process-row.ts';
import type { RunnerDeps } from './runner/deps.ts';
import { ownContainerId } from './self.ts';
import type { Store } from './store/store.ts';

/** The catalogue that comes with Pitwall. */
const builtinDrills = fileURLToPath(new URL('../drills', import.meta.url));

/** Everything a command may ask for, each part opened once, when it is first asked for, and closed in reverse order. */
export function openApp(flags: GlobalFlags, version: string): App {
  const { env } = process;
  const releases: (() => void | Promise<void>)[] = [];
  const clock = systemClock;
  const out = createOutput(flags.json === true, { stdout: process.stdout, stderr: process.stderr, env });
  const config = once((): Config => loadConfig({ path: flags.config, env, cwd: process.cwd(), home: homedir(), builtinDrills }));
  const catalogue = once((): Catalogue => loadCatalogue({ folders: config().drills, kinds }));
  const store = once(async (): Promise<Store> => {
    const { openStore } = await import('./store/open.ts');
    const opened = openStore({ path: config().store.path, clock, onRollUp: rollUpSaid(clock, (text) => out.progress(text)) });
    releases.push(() => opened.close());
    return opened;
  });
  const engines = once(async (): Promise<readonly Engine[]> => {
    const { openEngines } = await import('./open-engines.ts');
    const opened = await openEngines(config(), { clock, env, home: homedir(), uid: process.getuid?.() });
    releases.push(() => opened.close());
    return opened.all;
  });
  const newId = monotonicFactory();
  const helperImage = async (engine: Engine) => {
    const [{ ensureHelperImage }, opened] = await Promise.all([import('./container/helper-image.ts'), store()]);
    return ensureHelperImage(engine, {
      override: config().helper.image ?? undefined,
      cacheDir: join(config().home, 'helper'),
      instance: opened.instanceId,
      now: clock.now(),
      log: (message) => out.progress(message),
    });
  };
  const secret: RunnerDeps['secret'] = (ref, what) => {
    const { file, home } = config();
    return secretValue(ref, what, { env, folder: file === null ? home : dirname(file) });
  };
  const forensics = once(async (): Promise<Forensics> => {
    const [{ openForensics }, opened] = await Promise.all([import('./open-forensics.ts'), store()]);
    return openForensics({
      config: config(),
      store: opened,
      clock,
      version,
      env,
      actor: actor(env),
      engines,
      helperImage: async (engine) => (await helperImage(engine)).reference,
      newId,
    });
  });
  const runner: App['runner'] = async (options = {}): Promise<RunnerDeps> => {
    const [opened, service] = await Promise.all([store(), forensics()]);
    const process = openProcess(opened, options.role ?? 'command', { clock, onDisplaced: options.onDisplaced });
    releases.push(() => process.stop());
    const { sweep } = await import('./container/sweep.ts');
    return {
      store: opened,
      clock,
      kinds,
      handlers: await changeHandlers(service.handlers, { helperImage, instance: opened.instanceId, secret }),
      secret,
      freezer: service.freezer,
      evidence: service,
      config: config(),
      self: { containerId: ownContainerId(), registry: registryOf(config()) },
      processId: process.id,
      newId,
      helperImage,
      sweep: async (engine, { isEnded, allInstances = false }) => {
        const swept = await sweep(engine, { instance: opened.instanceId, allInstances, now: clock.now(), isEnded });
        return {
          removed: swept.removed.map(({ type, name }) => `${type} ${name} of Pitwall itself was removed`),
          failed: swept.failed.map(({ type, name, reason }) => `${type} ${name} of Pitwall itself: ${reason}`),
        };
      },
      ...(options.onEvent ? { onEvent: options.onEvent } : {}),
    };
  };
  return {
    out,
    clock,
    version,
    actor: actor(env),
    trigger: env.CI ? 'ci' : 'manual',
    cwd: process.cwd(),
    env,
    kinds,
    config,
    catalogue,
    store,
    engines,
    forensics,
    runner,
    async close() {
      const failed: unknown[] = [];
      for (const release of releases.splice(0).reverse()) {
        try {
          await release();
        } catch (error) {
          failed.push(error);
        }
      }
      if (failed.length > 0) throw failed[0];
    },
  };
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** The user's name; a number where the system knows no name for it. */
function actor(env: NodeJS.ProcessEnv): string {
  try {
    // anybody may set a variable; only root has it from sudo
    return (process.getuid?.() === 0 ? env.SUDO_USER : undefined) ?? userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

function registryOf({ registry }: Config): { readonly host: string; readonly port: number } | null {
  if (registry === null) return null;
  const url = new URL(registry.url);
  return { host: url.hostname, port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80) };
}
