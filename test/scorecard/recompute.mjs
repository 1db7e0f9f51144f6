/**
 * Recomputes a scorecard from what `pitwall scorecard --items --json` prints, by docs/rubric.md alone: nothing of Pitwall is imported.
 *
 *   pitwall scorecard --items --json | node test/scorecard/recompute.mjs
 *
 * Prints every number that differs, and exits 1 then. Equal means equal: all shares are rounded to six decimals, on both sides, and all
 * that follows is computed from the rounded ones. The normal distribution is integrated here (Simpson's rule over the density, error
 * below 1e-11), where Pitwall sums a series.
 */
import { pathToFileURL } from 'node:url';

const day = 86_400_000;
const weights = { critical: 10, high: 7.5, medium: 5, low: 2.5 };
const days = {
  'adversarial-probe': [7, 30],
  segmentation: [7, 30],
  'secret-rotation': [30, 90],
  'crypto-anchor': [90, 90],
  'reverse-uptime': [30, 90],
  'forensic-freeze': [90, 90],
  lifecycle: [30, 90],
  detection: [7, 30],
};
const areaWeights = { sandbox: 20, segmentation: 15, secrets: 15, recycling: 15, forensics: 15, lifecycle: 10, detection: 10 };
const doors = ['FS-03', 'NET-11', 'PRV-07', 'PRV-14'];
const order = ['A+', 'A', 'B', 'C', 'D', 'F'];

const six = (x) => Math.round(x * 1e6) / 1e6;
const total = (list) => list.reduce((sum, x) => sum + x, 0);

/** @returns {string[]} what differs, a line each */
export function differences(card) {
  const found = [];
  const same = (what, theirs, ours) => {
    if (theirs !== ours) found.push(`${what}: the card says ${theirs}, the rubric ${ours}`);
  };
  const at = Date.parse(card.at);
  const items = card.items.map((item) => recomputeItem(item, at));
  items.forEach((ours, i) => {
    for (const name of ['state', 'weight', 's', 'f', 'c', 'waived', 'expired', 'expiresAt']) {
      same(`item ${card.items[i].item} of ${card.items[i].drill} on ${card.items[i].service}: ${name}`, card.items[i][name], ours[name]);
    }
  });
  const whole = scoreOf(items, card.areas, true);
  same('proven', card.proven, whole.proven);
  same('coverage', card.coverage, whole.coverage);
  same('grade', card.grade, whole.grade);
  same('unaged', card.unaged, scoreOf(items.map(young), card.areas, true).letter);
  same('caps', JSON.stringify(card.caps.map((cap) => [cap.rule, cap.atMost])), JSON.stringify(whole.caps));
  card.areas.forEach((area, i) => {
    same(`${area.area}: weight`, area.weight, areaWeights[area.area]);
    same(`${area.area}: proven`, area.proven, whole.areas[i].proven);
    same(`${area.area}: coverage`, area.coverage, whole.areas[i].coverage);
    same(`${area.area}: counts`, JSON.stringify(sorted(area.counts)), JSON.stringify(sorted(whole.areas[i].counts)));
  });
  same('services', [...new Set(items.map((item) => item.service))].filter((name) => name !== null).length, card.services.length);
  for (const service of card.services) {
    const theirs = items.filter((item) => item.service === service.service);
    const own = scoreOf(theirs, card.areas, false);
    same(`${service.service}: proven`, service.proven, own.proven);
    same(`${service.service}: coverage`, service.coverage, own.coverage);
    same(`${service.service}: grade`, service.grade, own.grade);
    same(`${service.service}: caps`, JSON.stringify(service.caps.map((cap) => [cap.rule, cap.atMost])), JSON.stringify(own.caps));
    same(`${service.service}: unaged`, service.unaged, scoreOf(theirs.map(young), card.areas, false).letter);
    same(`${service.service}: counts`, JSON.stringify(sorted(service.counts)), JSON.stringify(sorted(count(theirs))));
  }
  return found;
}

function recomputeItem(item, at) {
  const [unscheduled, longest] = days[item.kind];
  const cadence = item.every === null ? unscheduled * day : Math.min(Math.max(item.every, day), longest * day);
  const expiresAt = item.at + 4 * cadence;
  const gone = at >= expiresAt;
  const age = at - item.at;
  const ahead = age < -3_600_000;
  const f = gone || ahead ? 0 : age <= cadence ? 1 : six(2 ** -((age - cadence) / cadence));
  const broken = item.state === 'broken';
  const waived =
    broken &&
    item.type === 'finding' &&
    item.waivedUntil !== null &&
    new Date(at).toISOString().slice(0, 10) <= item.waivedUntil &&
    Date.parse(`${item.waivedUntil}T00:00:00Z`) <= item.at + 90 * day;
  return {
    ...item,
    state: ahead && item.state === 'holds' ? 'inconclusive' : item.state,
    weight: weights[item.severity],
    f,
    s: share(item),
    c: broken ? 1 : item.state === 'holds' ? f : 0,
    expiresAt,
    expired: gone && !broken,
    waived,
  };
}

function share(item) {
  if (item.state === 'inconclusive') return 0;
  if (item.type === 'objective' && item.unit === 'ms' && item.objective?.max > 0) {
    const worst = Math.max(...item.recent.map((one) => one.value));
    if (worst <= 0) return 1;
    const sigma = Math.log(3) / 1.2815515655446004;
    return six(1 - phi(Math.log(worst / (3 * item.objective.max)) / sigma));
  }
  return item.state === 'holds' ? 1 : 0;
}

/** ½ + the integral of the density from 0 to z. */
function phi(z) {
  const end = Math.min(Math.abs(z), 7);
  const n = 2_000;
  const step = end / n;
  const density = (x) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  let sum = density(0) + density(end);
  for (let i = 1; i < n; i += 1) sum += density(i * step) * (i % 2 === 1 ? 4 : 2);
  const half = (sum * step) / 3;
  return z < 0 ? 0.5 - half : 0.5 + half;
}

function young(item) {
  return { ...item, f: 1, expired: false, c: item.state === 'inconclusive' ? 0 : 1 };
}

function scoreOf(items, areas, whole) {
  const scored = areas.map((area) => {
    const all = items.filter((item) => area.kinds.includes(item.kind));
    const own = all.filter((item) => !item.waived);
    const weight = total(own.map((item) => item.weight));
    const unproven = area.kinds.filter((kind) => !own.some((item) => item.kind === kind && item.s > 0)).length;
    const unpractised = area.kinds.filter((kind) => !all.some((item) => item.kind === kind)).length;
    const below = weight + (whole ? 10 * unproven : 0);
    const belowCoverage = weight + 10 * unpractised;
    return {
      ...area,
      all,
      own,
      proven: below === 0 ? 0 : six(total(own.map((item) => item.weight * item.s * item.f)) / below),
      coverage: belowCoverage === 0 ? 0 : six(total(own.map((item) => item.weight * item.c)) / belowCoverage),
      counts: count(all),
    };
  });
  const mean = (list, what) => {
    const weight = total(list.map((area) => areaWeights[area.area]));
    return weight === 0 ? 0 : six(total(list.map((area) => areaWeights[area.area] * area[what])) / weight);
  };
  const practised = whole ? scored : scored.filter((area) => area.own.length > 0);
  const proven = mean(practised, 'proven');
  const coverage = mean(scored, 'coverage');
  const waived = items.some((item) => item.waived);
  const own = practised.flatMap((area) => area.own);
  const flawless = !waived && own.every((item) => item.state === 'holds' && item.f === 1) && coverage >= 0.97 && proven >= 0.97;
  const earned = flawless ? 'A+' : proven >= 0.9 ? 'A' : proven >= 0.8 ? 'B' : proven >= 0.65 ? 'C' : proven >= 0.5 ? 'D' : 'F';
  const broken = own.filter((item) => item.state === 'broken');
  const bare = practised.flatMap((area) =>
    area.kinds.filter((kind) => {
      const of = area.own.filter((item) => item.kind === kind);
      return of.length > 0 && !of.some((item) => item.state === 'holds' && !item.expired);
    }),
  );
  const caps = [
    ['door-to-the-host', 'F', broken.some((item) => item.kind === 'adversarial-probe' && doors.includes(item.item))],
    ['area-at-zero', 'D', practised.some((area) => area.proven < 0.005)],
    ['critical-broken', 'C', broken.some((item) => item.severity === 'critical')],
    ['kind-without-proof', 'B', whole && bare.length > 0],
  ]
    .filter(([, atMost, applies]) => applies && order.indexOf(atMost) > order.indexOf(earned))
    .map(([rule, atMost]) => [rule, atMost]);
  const letter = order[Math.max(order.indexOf(earned), ...caps.map(([, atMost]) => order.indexOf(atMost)))];
  return { areas: scored, proven, coverage, letter, grade: `${letter}${waived ? '*' : ''}`, caps };
}

function count(items) {
  const counts = { holds: 0, broken: 0, inconclusive: 0, expired: 0, waived: 0 };
  for (const item of items) counts[item.waived ? 'waived' : item.state === 'holds' && item.expired ? 'expired' : item.state] += 1;
  return counts;
}

function sorted(object) {
  return Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1));
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  let text = '';
  for await (const chunk of process.stdin) text += chunk;
  const card = JSON.parse(text);
  if (!Array.isArray(card.items)) throw new Error('no items: pitwall scorecard --items --json');
  const found = differences(card);
  for (const line of found) console.log(line);
  console.log(found.length === 0 ? `all ${card.items.length} items and every number agree: ${card.grade}` : `${found.length} differ`);
  process.exitCode = found.length === 0 ? 0 : 1;
}
