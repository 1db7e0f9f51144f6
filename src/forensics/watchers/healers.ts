/** Bots that restart what is unhealthy. A frozen container that has a healthcheck is unhealthy at once (moby/moby#46203). */
import { type Bot, type BotTarget, isTrue } from './bot.ts';
import type { Warning } from './warning.ts';

/** willfarrell/autoheal and its many forks, which share its variables (https://github.com/willfarrell/docker-autoheal). */
export const autoheal: Bot = {
  pattern: /autoheal|auto-heal/i,
  threat(target, bot) {
    if (!target.checked) return null;
    const label = bot.env('AUTOHEAL_CONTAINER_LABEL') || defaultLabel;
    const all = label === 'all' || isTrue(bot.env('AUTOHEAL_MONITOR_ALL'));
    if (!all && target.labels[label] !== 'true') return null;
    const how = `${bot.name} restarts what is unhealthy (${all ? 'it watches every container' : `${label}=true`})`;
    if (!isTrue(bot.env('AUTOHEAL_ONLY_MONITOR_RUNNING'))) return restarts('autoheal', how, bot.name);
    return {
      what: 'autoheal',
      detail: `${how}; it passes over what is paused, but after a resume this one is unhealthy until the next check has passed, and may be restarted`,
      hint: `docker pause ${bot.name} until the container is healthy again`,
    };
  },
};

/** https://github.com/qdm12/deunhealth */
export const deunhealth: Bot = {
  pattern: /deunhealth/i,
  threat(target, bot) {
    if (!target.checked || !isTrue(target.labels[deunhealthLabel])) return null;
    return restarts('deunhealth', `${bot.name} restarts what is unhealthy (${deunhealthLabel}=true)`, bot.name);
  },
};

/** A healer may run where this engine does not show it: as a service of the host, or on another machine. */
export function unseenHealer(target: BotTarget, seen: readonly Bot[]): Warning | null {
  const labels = [...(seen.includes(autoheal) ? [] : [defaultLabel]), ...(seen.includes(deunhealth) ? [] : [deunhealthLabel])];
  const label = labels.find((name) => isTrue(target.labels[name]));
  if (!target.checked || label === undefined) return null;
  return {
    what: 'autoheal',
    detail: `${target.name} carries ${label}=true: whatever heals by it, and does not run on this engine, restarts it once it is frozen, because that makes it unhealthy`,
    hint: 'stop what restarts unhealthy containers before the freeze, if there is such a thing',
  };
}

const defaultLabel = 'autoheal';
const deunhealthLabel = 'deunhealth.restart.on.unhealthy';

function restarts(what: string, how: string, bot: string): Warning {
  return {
    what,
    detail: `${how}; frozen, this one is unhealthy at once, and the restart thaws it and ends it`,
    hint: `docker pause ${bot}, for as long as the container is held`,
  };
}
