import { probeRemedies } from './probe-remedies.ts';

/** What something to be done is about. */
export interface About {
  readonly kind: string;
  /** The probe's id, the measurement's name, or `verdict`. */
  readonly item: string;
  readonly state: 'broken' | 'missed' | 'inconclusive';
}

/** What to do about it, for somebody who was not there. Never empty. */
export function whatToDo({ kind, item, state }: About): string {
  if (state === 'inconclusive') return unknown(kind, item);
  const [probe = item] = item.split(':');
  if (item.endsWith(':claim'))
    return `What the engine’s API says of it and what the kernel does are not the same: trust the kernel. ${of(probe, kind)}`;
  return of(probe, kind);
}

function of(item: string, kind: string): string {
  const measure = item.startsWith('planned_') ? item.slice('planned_'.length) : item;
  const group = Object.keys(groups).find((prefix) => item.startsWith(prefix));
  return byItem[measure] ?? probeRemedies[item] ?? (group === undefined ? undefined : groups[group]) ?? byKind[kind] ?? byDefault;
}

function unknown(kind: string, item: string): string {
  if (item === 'verdict') return `Treat it as not proven. See why with \`pitwall show RUN --events\`, mend that, and run the drill again.`;
  const more =
    kind === 'adversarial-probe' ? ` \`pitwall probes ${item.split(':')[0]?.replaceAll('`', '')}\` says what the probe needs.` : '';
  return `Treat it as not proven: it was not seen to hold. The evidence says what was in the way; mend that, and run the drill again.${more}`;
}

const byDefault = 'See what happened with `pitwall show RUN --events`, mend it, and run the drill again until it holds.';

const byItem: Readonly<Record<string, string>> = {
  'LC-01':
    'Let its first process handle SIGTERM (`exec` in the entrypoint, or `--init`), and finish within the grace period (`stop_grace_period`).',
  'LC-02': 'Start it with an init that reaps (`--init`, or `init: true`).',
  'LC-03': 'Give it a restart policy (`restart: unless-stopped`), and let it start again from whatever a crash leaves behind.',
  'LC-04': 'Let it wait for what it needs and try again, rather than end: after a power cut nobody starts things in order.',
  'LC-05': 'Let the health check ask what the service needs as well, so that it turns unhealthy when that is gone.',
  'LC-06': 'Take away what only one copy can have (a lock file, a fixed name, a schedule in the process), or say that it must be alone.',
  'CA-1':
    'Encrypt with a key that never leaves the anchor: what was stolen could be read without it. Until then treat every copy of this data as readable.',
  'CA-2': 'Let the anchor limit operations by caller: without a limit all records can be decrypted as fast as the network allows.',
  'CA-3': 'Let the anchor write down every operation with the record and the caller, and alert on gaps.',
  'CA-4': 'Write an alert on the anchor’s rate of use, and try it.',
  'CA-5': 'Make the key impossible to export (sensitive and not extractable), and take it out of wherever it was found; then rotate it.',
  'CA-6': 'Give each application a right of its own at the anchor, which can be taken away at once without hitting others.',
  'CA-7': 'Keep backups encrypted by the anchor’s key, and practise restoring one with it.',
  'ROT-login': 'Revoke the old credential at that enforcement point, and reload whatever caches accounts; the finding names the place.',
  'ROT-session':
    'End sessions when a credential is revoked (`pg_terminate_backend`, `CLIENT KILL`, closing connections of a pool): a revoked password does not close what is open.',
  'ROT-token': 'Let what was derived from the credential expire sooner, or keep a list of what is revoked that every verifier asks.',
  'ROT-consumer': 'Let the service read the credential again without a restart, or restart it as a step of the rotation.',
  'ROT-residue': 'Take the old credential out of where it still lies.',
  'FRZ-seal': 'See who resumed the container while evidence was taken; that evidence may be disputed.',
  'FRZ-signature': 'Do not rely on that evidence. See `pitwall evidence verify`, and find out what changed the files.',
  'DET-09': 'Narrow the rule: it also fires for what is harmless, and people stop looking at alerts.',
  time_to_full_refusal:
    'The curve shows which enforcement point let the old credential in longest: shorten its sessions, caches or tokens, or make ending them a step of the rotation.',
  failed_requests: 'Let old and new overlap until every consumer has the new one, or let consumers try again with the new one.',
  records_readable_by_thief: 'What was carried away could be read elsewhere: encrypt with a key that never leaves the anchor.',
  time_to_healthy:
    'Find what takes so long between start and healthy (migrations, caches, the interval of its health check), or set an objective that is true.',
  downtime: 'Run a second replica and replace one after the other, or shorten its start.',
  stop_time:
    'Handle SIGTERM at once: close listeners, finish what is under way, end; or raise `stop_grace_period` if it truly needs longer.',
  restart_time: 'Shorten its start: see what it does before it is healthy.',
  time_to_detect: 'See where the alert waits: rules that poll, buffers, a relay; then mend the slowest step.',
  missed: 'Write or enable the rule for what was tried, and see that its alerts reach Pitwall’s webhook.',
  false_alarms: 'Narrow the rules that fired for what is harmless.',
  time_to_freeze: 'Look for what slows the engine on that host; a container with very many processes takes longer.',
  time_to_evidence: 'See which step of the capture took longest; less memory, or a faster disk for the evidence, shortens it.',
  coverage: 'The evidence says which parts were not captured, and why; most often a permission of the helper or a full disk.',
  detection_rate:
    'Some probes were not seen to fail where they must, so their answers count for nothing: see the event `self-test` of the run.',
  denied_open: 'See the findings: each names a way that the policy denies and that is open.',
  allowed_closed:
    'See the findings: each names a way that the policy allows and that is closed; either the policy or the network is wrong.',
  over_age: 'Let the drill run more often, or raise how many it may recycle at a time.',
  verdict: byDefault,
};

const groups: Readonly<Record<string, string>> = {
  'DET-': 'Write or enable the rule for what was tried, and see that its alerts reach Pitwall’s webhook.',
  'FRZ-': 'What was planted is not in the evidence as it was: see which step of the capture lacks it, and why.',
  'ROT-': 'Make it a step of the rotation; the curve shows when each enforcement point changed.',
  'NET-': 'Change the networks so that the way is closed, or the policy so that it says what is meant.',
  'LC-': 'Change how the service starts, stops or tells its health; docs/lifecycle.md has the reasons.',
  'CA-': 'See docs/crypto-anchor.md for what each part of the drill asks of the anchor.',
};

const byKind: Readonly<Record<string, string>> = {
  'reverse-uptime': 'See which container did not come back as it was (`pitwall show RUN --events`), mend why, and run the drill again.',
  'forensic-freeze': 'See which part of the freeze fell short; until it is mended, do not count on evidence of that container.',
  'secret-rotation':
    'See at which step the rotation stopped (`pitwall show RUN --events`); until it is mended, a leaked credential stays useful.',
  segmentation: 'Change the networks so that the way is closed, or the policy so that it says what is meant.',
  lifecycle: 'Change how the service starts, stops or tells its health; docs/lifecycle.md has the reasons.',
  detection: 'See where the alert got lost between the attempt and Pitwall’s webhook.',
  'crypto-anchor': 'See docs/crypto-anchor.md for what each part of the drill asks of the anchor.',
  'adversarial-probe': '`pitwall probes ID` says what was tried and how the answer was read.',
};
