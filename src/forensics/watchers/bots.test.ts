import { describe, expect, it, test } from 'vitest';
import { type Bot, type BotTarget, isBot, viewOf } from './bot.ts';
import { autoheal, deunhealth, unseenHealer } from './healers.ts';
import { cleaners, ouroboros, watchtower, wud } from './updaters.ts';

const target: BotTarget = { name: 'web', labels: {}, checked: true };

function threat(bot: Bot, change: { labels?: Record<string, string>; env?: string[]; args?: string[]; checked?: boolean } = {}) {
  const { labels = {}, env = [], args = [], checked = true } = change;
  const view = viewOf({ Name: '/the-bot', Args: args, Config: { Env: env } as unknown as Parameters<typeof viewOf>[0]['Config'] });
  return bot.threat({ ...target, labels, checked }, view);
}

describe('which containers are bots', () => {
  const named = (image: string, name = 'x', labels = {}) => ({ image, name, labels });
  test.each([
    [autoheal, named('willfarrell/autoheal:1.2.0')],
    [autoheal, named('ghcr.io/someone/docker-autoheal@sha256:00')],
    [autoheal, named('busybox', 'shop-autoheal-1')],
    [autoheal, named('busybox', 'x', { 'com.docker.compose.service': 'autoheal' })],
    [deunhealth, named('qmcgaw/deunhealth')],
    [watchtower, named('nickfedor/watchtower')],
    [watchtower, named('our/updates', 'x', { 'com.centurylinklabs.watchtower': 'true' })],
    [ouroboros, named('pyouroboros/ouroboros')],
    [wud, named('getwud/wud:8')],
    [wud, named('fmartinou/whats-up-docker')],
    [cleaners, named('spotify/docker-gc')],
  ])('%#', (bot, container) => expect(isBot(bot, container)).toBe(true));

  test.each([
    [autoheal, named('nginx')],
    [watchtower, named('nginx', 'x', { 'com.centurylinklabs.watchtower.enable': 'true' })],
    [wud, named('crowd/server')],
    [wud, named('crazymax/diun')],
  ])('not %#', (bot, container) => expect(isBot(bot, container)).toBe(false));
});

describe('autoheal', () => {
  test.each([
    ['its label', { labels: { autoheal: 'true' } }, true],
    ['no label', {}, false],
    ['its label with another value', { labels: { autoheal: 'yes' } }, false],
    ['all', { env: ['AUTOHEAL_CONTAINER_LABEL=all'] }, true],
    ['all, of another sort', { env: ['AUTOHEAL_MONITOR_ALL=true'] }, true],
    ['a label of one’s own', { env: ['AUTOHEAL_CONTAINER_LABEL=heal.me'], labels: { 'heal.me': 'true' } }, true],
    ['a label of one’s own, and the default one', { env: ['AUTOHEAL_CONTAINER_LABEL=heal.me'], labels: { autoheal: 'true' } }, false],
    ['an empty variable', { env: ['AUTOHEAL_CONTAINER_LABEL='], labels: { autoheal: 'true' } }, true],
    ['no healthcheck', { labels: { autoheal: 'true' }, checked: false }, false],
  ])('%s', (_name, change, threatens) => expect(threat(autoheal, change) !== null).toBe(threatens));

  it('says that only a resume is dangerous, where it passes over what is paused', () => {
    const env = ['AUTOHEAL_CONTAINER_LABEL=all'];
    expect(threat(autoheal, { env })?.detail).toContain('thaws it and ends it');
    expect(threat(autoheal, { env: [...env, 'AUTOHEAL_ONLY_MONITOR_RUNNING=true'] })?.detail).toContain('after a resume');
  });

  it('is feared where it cannot be seen', () => {
    const labelled = { ...target, labels: { autoheal: 'true' } };
    expect(unseenHealer(labelled, [])?.detail).toContain('does not run on this engine');
    expect(unseenHealer(labelled, [autoheal])).toBeNull();
    expect(unseenHealer({ ...labelled, checked: false }, [])).toBeNull();
    expect(unseenHealer(target, [])).toBeNull();
  });
});

describe('watchtower', () => {
  const label = 'com.centurylinklabs.watchtower';
  test.each([
    ['as it is', {}, true],
    ['excluded', { labels: { [`${label}.enable`]: 'false' } }, false],
    ['by label, without', { env: ['WATCHTOWER_LABEL_ENABLE=true'] }, false],
    ['by label, with', { env: ['WATCHTOWER_LABEL_ENABLE=1'], labels: { [`${label}.enable`]: 'true' } }, true],
    ['by label, on its command line', { args: ['--cleanup', '--label-enable'] }, false],
    ['another scope', { args: ['--scope', 'prod'], labels: { [`${label}.scope`]: 'test' } }, false],
    ['the same scope', { args: ['--scope=prod'], labels: { [`${label}.scope`]: 'prod' } }, true],
    ['a scope, and none', { env: ['WATCHTOWER_SCOPE=prod'] }, false],
    ['no scope, and none', { env: ['WATCHTOWER_SCOPE=none'] }, true],
    ['other names', { args: ['--interval', '30', 'db', 'cache'] }, false],
    ['this name', { args: ['-i', '30', 'web'] }, true],
    ['disabled by name', { env: ['WATCHTOWER_DISABLE_CONTAINERS=db,web'] }, false],
    ['only looking', { args: ['--monitor-only'] }, false],
    ['only looking at this one', { labels: { [`${label}.monitor-only`]: 'true' } }, false],
    ['a flag that is not known, with a value', { args: ['--new-flag', 'value'] }, true],
  ])('%s', (_name, change, threatens) => expect(threat(watchtower, change) !== null).toBe(threatens));
});

describe('others', () => {
  test.each([
    [ouroboros, {}, true],
    [ouroboros, { env: ['LABEL_ENABLE=true'] }, false],
    [ouroboros, { env: ['LABEL_ENABLE=true'], labels: { 'com.ouroboros.enable': 'true' } }, true],
    [ouroboros, { env: ['MONITOR=db cache'] }, false],
    [ouroboros, { env: ['IGNORE=web'] }, false],
    [wud, {}, false],
    [wud, { env: ['WUD_TRIGGER_DOCKER_LOCAL_PRUNE=true'] }, true],
    [wud, { env: ['WUD_TRIGGER_DOCKER_LOCAL_PRUNE=true'], labels: { 'wud.watch': 'false' } }, false],
    [deunhealth, {}, false],
    [deunhealth, { labels: { 'deunhealth.restart.on.unhealthy': 'true' } }, true],
    [cleaners, {}, true],
  ])('%#', (bot, change, threatens) => expect(threat(bot, change) !== null).toBe(threatens));
});
