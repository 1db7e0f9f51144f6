import type { ContainerInspect } from '../../domain/engine/containers.ts';
import type { Engine, EngineInfo } from '../../domain/engine.ts';
import { EngineError } from '../../domain/errors.ts';
import { ofComposeWatch, ofDisk, ofEngine } from './around.ts';
import { type Bot, type BotTarget, isBot, viewOf } from './bot.ts';
import { isChecked, ofContainer } from './container-itself.ts';
import { autoheal, deunhealth, unseenHealer } from './healers.ts';
import { type Host, thisHost } from './host.ts';
import { cleaners, ouroboros, watchtower, wud } from './updaters.ts';
import type { Warning } from './warning.ts';

/** Those that thaw or end a frozen container by themselves come first. */
const bots: readonly Bot[] = [autoheal, deunhealth, ouroboros, wud, watchtower, cleaners];

const timeoutMs = 3_000;

/**
 * What would destroy the evidence of this container once it is frozen, the worst first; the target may be frozen already. Only asks, for a
 * few seconds at most. Throws EngineError when the engine cannot list its containers.
 */
export async function watchersOf(
  engine: Pick<Engine, 'host' | 'list' | 'inspect' | 'usage'>,
  inspect: ContainerInspect,
  options: {
    readonly info: Pick<EngineInfo, 'liveRestore' | 'swarm' | 'rootDir'>;
    /** Where captures are written. */
    readonly evidenceFolder?: string | undefined;
    /** Default: the machine that this process runs on. */
    readonly host?: Host;
  },
): Promise<Warning[]> {
  const { info, evidenceFolder, host = thisHost } = options;
  const local = engine.host.startsWith('unix:');
  const target: BotTarget = { name: inspect.Name.replace(/^\//, ''), labels: inspect.Config.Labels ?? {}, checked: isChecked(inspect) };
  const folders = [...(local ? [info.rootDir] : []), ...(evidenceFolder === undefined ? [] : [evidenceFolder])];
  const [ofBots, composeWatch, disk] = await Promise.all([
    botsOf(engine, inspect.Id, target),
    local ? ofComposeWatch(inspect, host) : [],
    memoryOf(engine, inspect.Id).then((bytes) => ofDisk(folders, bytes, host)),
  ]);
  return [...ofBots, ...ofContainer(inspect), ...composeWatch, ...ofEngine(info), ...disk];
}

async function botsOf(engine: Pick<Engine, 'list' | 'inspect'>, id: string, target: BotTarget): Promise<Warning[]> {
  const running = (await engine.list({}, { timeoutMs })).filter((container) => container.id !== id && container.state === 'running');
  const found = bots.flatMap((bot) => running.filter((container) => isBot(bot, container)).map((container) => ({ bot, id: container.id })));
  const threats = await Promise.all(
    found.map(async (one) => {
      const seen = await gone(() => engine.inspect(one.id, { timeoutMs }));
      return seen === null ? null : one.bot.threat(target, viewOf(seen));
    }),
  );
  const unseen = unseenHealer(
    target,
    found.map(({ bot }) => bot),
  );
  return [...threats, unseen].filter((warning) => warning !== null);
}

async function memoryOf(engine: Pick<Engine, 'usage'>, id: string): Promise<number | null> {
  const usage = await gone(() => engine.usage(id, { timeoutMs }));
  return usage?.memoryBytes ?? null;
}

/** Null when it has gone, or says nothing: a warning less is better than no freeze. */
async function gone<T>(ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof EngineError) return null;
    throw error;
  }
}
