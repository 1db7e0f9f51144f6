import { readFileSync, writeFileSync } from 'node:fs';
import { run } from '../lib/run.mjs';

/**
 * What a Docker Engine changes in the network settings of the machine it runs on, and does not put back when it stops.
 * @typedef {{ settings: Record<string, string>, rules: Record<string, string[]>, links: string[] }} NetworkState
 * `rules`: for iptables and ip6tables, as their -save prints them, without counters
 */

/**
 * @param {NodeJS.ProcessEnv} env where iptables and ip are found
 * @returns {Promise<NetworkState>}
 */
export async function readNetwork(env) {
  const settings = Object.fromEntries(SETTINGS.map((name) => [name, readSetting(name)]).filter(([, value]) => value !== undefined));
  const rules = {};
  for (const family of FAMILIES) {
    rules[family] = (await run(`${family}-save`, [], { env, anyway: true })).out.split('\n').map(withoutCounters);
  }
  return { settings, rules, links: await links(env) };
}

/**
 * Takes away the bridges and rules that came since `before` and are an engine's, and puts settings and policies back.
 * Rules that came meanwhile by another hand are left alone.
 *
 * @param {NetworkState} before
 * @param {object} options
 * @param {NodeJS.ProcessEnv} options.env
 * @param {string} options.bridge the engine's own bridge
 * @param {string[]} options.bridges those of its networks
 */
export async function restoreNetwork(before, { env, bridge, bridges }) {
  const ours = [bridge, ...bridges];
  const present = await links(env);
  for (const name of ours)
    if (present.includes(name) && !before.links.includes(name)) await run('ip', ['link', 'delete', name], { env, anyway: true });
  for (const family of FAMILIES) await restoreRules(family, before.rules[family] ?? [], ours, env);
  for (const [name, value] of Object.entries(before.settings)) if (readSetting(name) !== value) writeFileSync(`/proc/sys/${name}`, value);
}

const FAMILIES = ['iptables', 'ip6tables'];
const SETTINGS = [
  'net/ipv4/ip_forward',
  'net/ipv6/conf/all/forwarding',
  'net/ipv6/conf/default/forwarding',
  'net/bridge/bridge-nf-call-iptables',
  'net/bridge/bridge-nf-call-ip6tables',
];

/** Rules first, then the chains that nothing leads to any more, then the policies: all in one transaction. */
async function restoreRules(family, before, ours, env) {
  const now = (await run(`${family}-save`, [], { env, anyway: true })).out.split('\n').map(withoutCounters);
  const isOurs = (line) => /\bDOCKER\b|DOCKER-/.test(line) || ours.some((name) => line.split(' ').includes(name));
  const known = byTable(before);
  const script = [];
  for (const [table, lines] of Object.entries(byTable(now))) {
    const old = new Set(known[table] ?? []);
    const added = lines.filter((line) => !old.has(line));
    const rules = added.filter((line) => line.startsWith('-A ') && isOurs(line)).map((line) => line.replace('-A', '-D'));
    const chains = added.filter((line) => /^:DOCKER\S* -/.test(line)).map((line) => line.split(' ')[0].slice(1));
    const policies = added.filter((line) => /^:\S+ (ACCEPT|DROP)/.test(line)).map((line) => line.split(' ')[0].slice(1));
    const emptied = chains.flatMap((chain) => [`-F ${chain}`]);
    const outside = rules.filter((rule) => !chains.includes(rule.split(' ')[1]));
    const was = (chain) => [...old].find((line) => line.startsWith(`:${chain} `))?.split(' ')[1] ?? 'ACCEPT';
    const change = [
      ...outside,
      ...emptied,
      ...chains.map((chain) => `-X ${chain}`),
      ...policies.map((chain) => `-P ${chain} ${was(chain)}`),
    ];
    if (change.length > 0) script.push(`*${table}`, ...change, 'COMMIT');
  }
  if (script.length > 0) await run(`${family}-restore`, ['--noflush'], { env, input: `${script.join('\n')}\n` });
}

function byTable(lines) {
  const tables = {};
  let table;
  for (const line of lines) {
    if (line.startsWith('*')) {
      table = line.slice(1);
      tables[table] = [];
    } else if (table && /^[:-]/.test(line)) tables[table].push(line);
  }
  return tables;
}

function withoutCounters(line) {
  return line.replace(/ \[\d+:\d+\]$/, '');
}

async function links(env) {
  const { out } = await run('ip', ['-o', 'link', 'show'], { env });
  return [...out.matchAll(/^\d+: ([^:@\s]+)/gm)].map((match) => match[1]);
}

function readSetting(name) {
  try {
    return readFileSync(`/proc/sys/${name}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}
