import { accessSync, constants, existsSync, readFileSync, statfsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { busyboxPlaces, findBusybox } from '../../container/busybox.ts';
import type { Engine } from '../../domain/engine.ts';
import { EngineError, type ExitCode, exitCodes } from '../../domain/errors.ts';
import { formatSize } from '../../domain/size.ts';
import { type Capability, capabilities } from '../../engine/capabilities.ts';
import type { App } from '../app.ts';

interface Examined {
  readonly what: string;
  readonly facts: readonly Capability[];
}

/** `pitwall doctor`: what this machine and each engine can and cannot do, and what to do about it. Changes nothing. */
export async function doctorCommand(app: App): Promise<ExitCode> {
  const { out } = app;
  const examined: Examined[] = [
    { what: 'this machine', facts: [...machine(), await busybox(app.config()), ...(await state(app.config()))] },
  ];
  for (const engine of await foundEngines(app, examined)) {
    try {
      examined.push({
        what: `engine ${engine.name} (${engine.host})`,
        facts: [environment(engine.environment, engine.host), ...(await capabilities(engine))],
      });
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      examined.push({
        what: `engine ${engine.name} (${engine.host})`,
        facts: [{ name: 'reachable', state: 'no', detail: error.message, hint: error.hint ?? null }],
      });
    }
  }
  out.data(examined);
  for (const { what, facts } of examined) {
    out.line(out.paint('strong', what));
    for (const fact of facts) {
      const sign = { yes: out.paint('good', 'yes    '), no: out.paint('unsure', 'no     '), unknown: out.paint('quiet', 'unknown') }[
        fact.state
      ];
      out.line(`  ${sign}  ${fact.name.replaceAll('_', ' ')}: ${fact.detail}`);
      if (fact.hint !== null && fact.state !== 'yes') out.line(`           try: ${fact.hint}`);
    }
  }
  return examined.some(({ facts }) => facts.some((fact) => fact.name === 'reachable')) ? exitCodes.engine : exitCodes.ok;
}

/** No engine at all is a finding like any other: the rest is still worth reading. */
async function foundEngines(app: App, examined: Examined[]): Promise<readonly Engine[]> {
  try {
    return await app.engines();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    examined.push({ what: 'no engine', facts: [{ name: 'reachable', state: 'no', detail: error.message, hint: error.hint ?? null }] });
    return [];
  }
}

function environment(name: string | null, host: string): Capability {
  if (name !== null) return { name: 'environment', state: 'yes', detail: name, hint: null };
  return {
    name: 'environment',
    state: 'no',
    detail: 'none, so every drill refuses it',
    hint: `list it in pitwall.yaml: engines: [ { name: …, host: "${host}", environment: staging } ]`,
  };
}

/** Kernel modules that later faults need; what is built in counts as well as what can be loaded. */
function machine(): Capability[] {
  const nodeVersion = process.versions.node;
  const release = readOr('/proc/sys/kernel/osrelease', '').trim();
  const folder = `/lib/modules/${release}`;
  const modules = `${readOr(`${folder}/modules.builtin`, '')}\n${readOr(`${folder}/modules.dep`, '')}`;
  const loaded = readOr('/proc/modules', '');
  const symbols = readOr('/proc/kallsyms', '');
  const known = modules.trim() !== '' || symbols !== '';
  const fault = (module: string, use: string, symbol: string): Capability => {
    const there =
      modules.includes(`/${module}.ko`) ||
      loaded.split('\n').some((line) => line.startsWith(`${module} `)) ||
      symbols.includes(` ${symbol}`);
    return {
      name: module,
      state: there ? 'yes' : known ? 'no' : 'unknown',
      detail: there ? `the kernel has it (${use})` : `not found in kernel ${release} (${use})`,
      hint: there ? null : `modprobe ${module}, or a kernel that has it`,
    };
  };
  return [
    { name: 'node', state: 'yes', detail: nodeVersion, hint: null },
    fault('sch_netem', 'delay, loss and duplication of packets', 'netem_init'),
    fault('sch_tbf', 'bandwidth limits', 'tbf_init'),
    fault('xt_statistic', 'loss by iptables', 'statistic_mt'),
  ];
}

/** Without one nothing is attempted: probes, detection and lifecycle then say of most things that they are not known. */
async function busybox({ home, helper }: Config): Promise<Capability> {
  const about = { name: 'static_busybox', hint: 'apt-get install busybox-static, or put one at PITWALL_HOME/helper/busybox' };
  if (helper.image !== null) return { ...about, state: 'unknown', detail: `helper.image is ${helper.image}, which brings its own or none` };
  const found = await findBusybox(busyboxPlaces(join(home, 'helper')));
  return found === null
    ? { ...about, state: 'no', detail: 'none, so probes, detection and lifecycle can attempt nothing' }
    : { ...about, state: 'yes', detail: found.source };
}

async function state(config: Config): Promise<Capability[]> {
  const folder = existing(dirname(config.store.path));
  const writable = canWrite(folder);
  const free = statfsSync(folder);
  const bytes = free.bavail * free.bsize;
  return [
    {
      name: 'state_folder',
      state: writable ? 'yes' : 'no',
      detail: dirname(config.store.path),
      hint: writable ? null : 'set PITWALL_HOME to a folder that this user may write',
    },
    {
      name: 'free_disk',
      state: bytes > 512 * 2 ** 20 ? 'yes' : 'no',
      detail: `${formatSize(bytes)} free for the database`,
      hint: bytes > 512 * 2 ** 20 ? null : 'free some space, or move it with PITWALL_STORE_PATH',
    },
    await registry(config),
  ];
}

async function registry({ registry: configured }: Config): Promise<Capability> {
  if (configured === null)
    return {
      name: 'registry',
      state: 'no',
      detail: 'none is configured, so evidence stays local',
      hint: 'registry: { url: … } in pitwall.yaml',
    };
  try {
    const answer = await fetch(new URL('/v2/', configured.url), { signal: AbortSignal.timeout(5_000) });
    const speaks = answer.ok || answer.status === 401;
    return {
      name: 'registry',
      state: speaks ? 'yes' : 'no',
      detail: `${configured.url} answers ${answer.status}`,
      hint: speaks ? null : 'is it an OCI registry?',
    };
  } catch (error) {
    return {
      name: 'registry',
      state: 'no',
      detail: `${configured.url}: ${(error as Error).message}`,
      hint: 'start it, or correct registry.url',
    };
  }
}

/** The nearest folder upwards that is there. */
function existing(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : existing(dirname(folder));
}

function canWrite(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function readOr(path: string, fallback: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return fallback;
  }
}
