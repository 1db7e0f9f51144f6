import { describe, expect, it } from 'vitest';
import { aDrill } from './a-drill.ts';
import { aLab } from './lab.ts';

const hour = 3_600_000;
const local = (zone: string) => {
  const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', timeZoneName: 'longOffset' });
  return (started: string) => format.format(Date.parse(started.slice(started.indexOf('@') + 1))).replace(' GMT', '');
};

describe('in a daylight-saving night', () => {
  const spring = '2026-03-28T22:30:00Z';
  const fall = '2026-10-24T21:30:00Z';
  it.each<[string, string, string, string[]]>([
    ['30 2 * * *', 'Europe/Berlin', spring, ['03:00+02:00']],
    ['30 2 * * *', 'Europe/Berlin', fall, ['02:30+02:00']],
    ['30 2,14 * * *', 'Europe/Berlin', spring, ['03:00+02:00']],
    ['30 2,14 * * *', 'Europe/Berlin', fall, ['02:30+02:00']],
    ['0 * * * *', 'Europe/Berlin', spring, ['00:00+01:00', '01:00+01:00', '03:00+02:00', '04:00+02:00', '05:00+02:00', '06:00+02:00']],
    ['0 * * * *', 'Europe/Berlin', fall, ['00:00+02:00', '01:00+02:00', '02:00+02:00', '02:00+01:00', '03:00+01:00', '04:00+01:00']],
    ['30 1 * * *', 'America/New_York', '2026-11-01T03:30:00Z', ['01:30-04:00']],
    ['45 1 * * *', 'Australia/Lord_Howe', '2026-04-04T12:30:00Z', ['01:45+11:00']],
    ['15 2 * * *', 'Australia/Lord_Howe', '2026-10-03T13:00:00Z', ['02:30+11:00']],
  ])('%s in %s from %s starts at %j', async (cron, timezone, from, expected) => {
    const lab = aLab(from, [aDrill('d', { cron, timezone })]);
    lab.hand();
    await lab.pass(6 * hour);
    expect(lab.started.map(local(timezone))).toEqual(expected);
  });
});

describe('after downtime', () => {
  it('run-once runs the latest missed slot, once, and writes the others down', async () => {
    const lab = aLab('2026-06-01T12:30:00Z', [aDrill('d', {})]);
    lab.hand().crash();
    lab.clock.advance(5 * hour);
    lab.hand();
    await lab.pass(10 * 60_000);
    expect(lab.started).toEqual(['d@2026-06-01T17:00:00Z']);
    expect(lab.slots('d')).toEqual(['13:00 missed', '14:00 missed', '15:00 missed', '16:00 missed', '17:00 started']);
    await lab.pass(hour);
    expect(lab.started).toEqual(['d@2026-06-01T17:00:00Z', 'd@2026-06-01T18:00:00Z']);
  });

  it('skip runs none', async () => {
    const lab = aLab('2026-06-01T12:30:00Z', [aDrill('d', { missed: 'skip' })]);
    lab.hand().crash();
    lab.clock.advance(2 * hour);
    lab.hand();
    await lab.pass(10 * 60_000);
    expect(lab.slots('d')).toEqual(['13:00 missed', '14:00 missed']);
    expect(lab.started).toEqual([]);
  });

  it.each([
    [60_000, 'started'],
    [61_000, 'missed'],
  ])('a slot that is %d ms late is %s', async (late, state) => {
    const lab = aLab('2026-06-01T12:59:00Z', [aDrill('d', { missed: 'skip' })]);
    lab.hand();
    lab.clock.advance(60_000 + late);
    await lab.wake();
    expect(lab.slots('d')).toEqual([`13:00 ${state}`]);
  });

  it('a slot that is due on time answers for those that were missed', async () => {
    const lab = aLab('2026-06-01T12:30:00Z', [aDrill('d', {})]);
    lab.hand().crash();
    lab.clock.set(Date.parse('2026-06-01T15:00:20Z'));
    lab.hand();
    await lab.wake();
    expect(lab.slots('d')).toEqual(['13:00 missed', '14:00 missed', '15:00 started']);
  });

  it.each(['* * * * *', '* * * 1 *', '*/7 3 * * 1'])('a year away costs little: %s', async (cron) => {
    const lab = aLab('2025-06-01T12:30:00Z', [aDrill('d', { cron })]);
    lab.hand().crash();
    lab.clock.advance(365 * 24 * hour);
    const began = performance.now();
    lab.hand();
    await lab.wake();
    expect(performance.now() - began).toBeLessThan(30_000);
    expect(lab.started).toHaveLength(1);
    const rows = lab.store.slots.list('d', 1000);
    expect(rows).toHaveLength(50);
    expect(rows.at(0)?.note).not.toContain('like every one since');
    expect(rows.toSorted((a, b) => a.instant - b.instant)[0]?.note).toMatch(/late, like every one since 2025-06-01T12:30:00.000Z$/);
  });
});

describe('when the catalogue changes', () => {
  it('a new drill does not run for the past, nor one that comes back', async () => {
    const lab = aLab('2026-06-01T12:30:00Z', [aDrill('a', {})]);
    lab.hand();
    await lab.pass(hour);
    lab.catalogue = [aDrill('a', {}), aDrill('b', { cron: '0 12 * * *' })];
    await lab.pass(5 * hour);
    expect(lab.started.filter((start) => start.startsWith('b'))).toEqual([]);
    lab.catalogue = [aDrill('b', { cron: '0 12 * * *' })];
    await lab.pass(3 * hour);
    lab.catalogue = [aDrill('a', {})];
    await lab.pass(hour);
    expect(lab.started.filter((start) => start.startsWith('a')).map((start) => start.slice(13, 15))).toEqual(
      ['13', '14', '15', '16', '17', '18', '22'].slice(0, 7),
    );
  });

  it('an edited schedule does not run for the time before the edit, also when it was edited while nobody was there', async () => {
    const lab = aLab('2026-06-01T12:30:00Z', [aDrill('d', { cron: '0 20 * * *' })]);
    const hand = lab.hand();
    await lab.pass(hour);
    lab.catalogue = [aDrill('d', { cron: '*/5 * * * *' })];
    await lab.pass(60_000);
    expect(lab.started).toEqual([]);
    hand.crash();
    lab.catalogue = [aDrill('d', { cron: '0 * * * *' })];
    lab.clock.advance(5 * hour);
    lab.hand();
    await lab.wake();
    expect(lab.started).toEqual([]);
    await lab.pass(hour);
    expect(lab.started).toEqual(['d@2026-06-01T19:00:00Z']);
  });

  it('an edit of anything but the times keeps what was missed', async () => {
    const lab = aLab('2026-06-01T12:30:00Z', [aDrill('d', {})]);
    lab.hand().crash();
    lab.catalogue = [{ ...aDrill('d', { jitterMs: 0, missed: 'run-once' }), description: 'edited' }];
    lab.clock.advance(2 * hour);
    lab.hand();
    await lab.wake();
    expect(lab.started).toEqual(['d@2026-06-01T14:00:00Z']);
  });

  it('a schedule that cannot be read is told of once and stops nobody else', async () => {
    const lab = aLab('2026-06-01T12:30:00Z', [aDrill('bad', { cron: 'never' }), aDrill('d', {})]);
    lab.hand();
    await lab.pass(2 * hour);
    expect(lab.started).toHaveLength(2);
    expect(lab.problems).toHaveLength(1);
    expect(lab.problems[0]).toContain('bad');
  });
});

describe('when the clock is set', () => {
  it('back, no slot runs twice', async () => {
    const lab = aLab('2026-06-01T12:30:00Z', [aDrill('d', { cron: '*/10 * * * *' })]);
    lab.hand();
    await lab.pass(2 * hour);
    const before = [...lab.started];
    lab.clock.set(Date.parse('2026-06-01T13:05:00Z'));
    await lab.pass(hour);
    expect(lab.started).toEqual(before);
    await lab.pass(hour);
    expect(lab.started.slice(before.length)).toEqual(['d@2026-06-01T14:40:00Z', 'd@2026-06-01T14:50:00Z', 'd@2026-06-01T15:00:00Z']);
  });

  it.each(['while it works', 'while nobody is there'])('a year ahead and back %s, the drill does not fall silent', async (when) => {
    const lab = aLab('2026-06-01T12:30:00Z', [aDrill('d', {})]);
    let hand = lab.hand();
    await lab.pass(hour);
    const away = when === 'while nobody is there';
    if (away) hand.crash();
    lab.clock.set(Date.parse('2027-06-01T13:30:00Z'));
    if (away) hand = lab.hand();
    await lab.pass(60_000);
    expect(lab.started).toEqual(['d@2026-06-01T13:00:00Z', 'd@2027-06-01T13:00:00Z']);
    if (away) hand.crash();
    lab.clock.set(Date.parse('2026-06-01T13:40:00Z'));
    if (away) lab.hand();
    await lab.pass(2 * hour);
    expect(lab.started.slice(2)).toEqual(['d@2026-06-01T14:00:00Z', 'd@2026-06-01T15:00:00Z']);
  });

  it('ahead by a day and back, a slot that was only written down as missed runs when its time comes', async () => {
    const lab = aLab('2026-06-01T12:30:00Z', [aDrill('d', { missed: 'skip' })]);
    lab.hand();
    lab.clock.set(Date.parse('2026-06-02T12:30:00Z'));
    await lab.wake();
    expect(lab.slots('d')).toHaveLength(24);
    lab.clock.set(Date.parse('2026-06-01T12:31:00Z'));
    await lab.pass(2 * hour);
    expect(lab.started).toEqual(['d@2026-06-01T13:00:00Z', 'd@2026-06-01T14:00:00Z']);
  });
});
