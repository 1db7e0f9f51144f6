/** Bots that put a container of a newer image in the place of one, and remove it; and those that remove what has ended. */
import { type Bot, type BotView, isTrue, words } from './bot.ts';

const watchtowerLabel = 'com.centurylinklabs.watchtower';

/** https://containrrr.dev/watchtower/container-selection/ and its forks, which share its labels. It lists only what runs and is not paused. */
export const watchtower: Bot = {
  pattern: /watchtower/i,
  label: watchtowerLabel,
  threat(target, bot) {
    const { flag, value, names } = watchtowerArgs(bot);
    const enable = target.labels[`${watchtowerLabel}.enable`]?.trim().toLowerCase();
    if (enable === 'false' || (flag('label-enable') && enable !== 'true')) return null;
    if (flag('monitor-only') || isTrue(target.labels[`${watchtowerLabel}.monitor-only`])) return null;
    const scope = value('scope');
    if (scope !== null && (target.labels[`${watchtowerLabel}.scope`] || 'none') !== scope) return null;
    if (words(value('disable-containers')).includes(target.name)) return null;
    if (names.length > 0 && !names.includes(target.name)) return null;
    return {
      what: 'watchtower',
      detail: `${bot.name} replaces containers whose image has a newer version, and removes the old ones; it passes over ${target.name} while that is paused, but not before the freeze nor after a resume`,
      hint: `docker pause ${bot.name}, or label the container ${watchtowerLabel}.enable=false when it is next made`,
    };
  },
};

/** https://github.com/pyouroboros/ouroboros. It lists paused ones too, and stops them. */
export const ouroboros: Bot = {
  pattern: /ouroboros|dockupdater/i,
  threat(target, bot) {
    const enable = (target.labels['com.ouroboros.enable'] ?? target.labels['dockupdater.enable'])?.trim().toLowerCase();
    if (enable === 'false' || isTrue(bot.env('MONITOR_ONLY'))) return null;
    if (isTrue(bot.env('LABEL_ENABLE')) && enable !== 'true' && enable !== 'yes') return null;
    const monitored = words(bot.env('MONITOR'));
    if (words(bot.env('IGNORE')).includes(target.name) || (monitored.length > 0 && !monitored.includes(target.name))) return null;
    return replaces('ouroboros', bot, target.name);
  },
};

/** https://getwud.github.io/wud. It only tells, unless it has a trigger that updates; so does diun, which never updates. */
export const wud: Bot = {
  pattern: /whats-up-docker|(^|[/_-])wud($|[:_@-])/i,
  threat(target, bot) {
    if (!bot.hasEnv('WUD_TRIGGER_DOCKER') || target.labels['wud.watch']?.trim().toLowerCase() === 'false') return null;
    return replaces("What's up Docker", bot, target.name);
  },
};

/** spotify/docker-gc and the like. */
export const cleaners: Bot = {
  pattern: /docker-gc|docker-cleanup|docker-prune|docker-system-prune/i,
  threat: (target, bot) => ({
    what: 'clean-up',
    detail: `${bot.name} removes containers that have ended: once ${target.name} is killed, its layer goes`,
    hint: `docker pause ${bot.name} before pitwall release --to kill`,
  }),
};

function replaces(what: string, bot: BotView, target: string) {
  return {
    what,
    detail: `${bot.name} replaces containers whose image has a newer version, paused ones too: the stop thaws ${target}, and its layer is removed`,
    hint: `docker pause ${bot.name}, for as long as the container is held`,
  };
}

/** Flags that take no value, of those that there are. */
const switches =
  /^(label-enable|monitor-only|cleanup|remove-volumes|debug|trace|include-(stopped|restarting)|revive-stopped|rolling-restart|run-once|no-(pull|restart|startup-message|color)|label-take-precedence|enable-lifecycle-hooks|tlsverify|http-api-(update|metrics|periodic-polls)|notification-(report|skip-title|log-stdout)|warn-on-head-failure|health-check|[SRmcd])$/;

/** What it was told, on its command line or by `WATCHTOWER_…`. A flag that is not known is taken to have a value: no name is then seen where there is none. */
function watchtowerArgs(bot: BotView) {
  const given = new Map<string, string>();
  const names: string[] = [];
  for (let i = 0; i < bot.args.length; i++) {
    const arg = bot.args[i] ?? '';
    const [, flag, own] = /^--?([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (flag === undefined) names.push(arg);
    else if (own !== undefined) given.set(flag, own);
    else if (switches.test(flag)) given.set(flag, 'true');
    else given.set(flag, bot.args[++i] ?? '');
  }
  const value = (name: string) => given.get(name) ?? bot.env(`WATCHTOWER_${name.toUpperCase().replaceAll('-', '_')}`);
  return { names, value, flag: (name: string) => isTrue(value(name)) || (name === 'monitor-only' && given.has('m')) };
}
