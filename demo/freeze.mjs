import { startLoad } from './load.mjs';

const suspect = 'shop-web-1';

/**
 * A freeze on demand, as a responder would ask for it, while customers order: the suspect is frozen, a fresh container takes its place,
 * the evidence is looked at and verified, and the suspect is ended without a single handler of it running.
 *
 * @returns {Promise<{ passed: boolean, lines: string[] }>}
 */
export async function freezeUnderLoad(engine, pitwall, { log, signal }) {
  log(`freezing ${suspect} and replacing it, with customers ordering meanwhile`);
  const load = startLoad(engine);
  let frozen;
  let customers;
  try {
    frozen = await pitwall.ask(['freeze', suspect, '--disposition', 'replace', '--reason', 'the demo looks at it'], signal);
  } finally {
    customers = await load.stop();
  }
  const record = frozen.answer;
  const id = record?.evidence?.[0];
  if (frozen.code !== 0 || id === undefined)
    return { passed: false, lines: [`freeze of ${suspect}: exit code ${frozen.code}`, record?.reason ?? frozen.err] };
  const shown = (await pitwall.ask(['evidence', 'show', id], signal)).answer;
  const verified = await pitwall.ask(['evidence', 'verify', id], signal);
  const killed = await pitwall.ask(['release', id, '--to', 'kill'], signal);
  const value = (name) => record.measurements.find((measurement) => measurement.name === name)?.value;
  const sockets = shown.sockets.filter(({ protocol }) => /^(tcp|udp)/.test(protocol));
  const lines = [
    `freeze of ${suspect}: ${record.verdict}, ${record.reason}`,
    `  frozen ${Math.round(value('time_to_freeze'))} ms after the command began; another had taken its place ${(value('downtime') / 1000).toFixed(1)} s after the freeze`,
    `  evidence ${id}: ${(value('evidence_bytes') / 2 ** 20).toFixed(1)} MiB, ${Math.round(value('coverage') * 100)} % of what was asked for, seal ${shown.evidence.seal}`,
    `  in it: the memory of ${shown.processes.length} process${shown.processes.length === 1 ? '' : 'es'} (${shown.processes.map(({ argv }) => argv.join(' ')).join(', ')}), ${sockets.length} sockets, ${shown.files.length} changed, deleted or hidden files`,
    ...sockets.slice(0, 4).map(({ protocol, local, remote, state }) => `    ${protocol} ${local} ${remote ?? ''} ${state ?? ''}`),
    `  ${verified.answer?.ok ? 'verified' : 'NOT verified'}: ${verified.answer?.checked} files against the signature`,
    `  the suspect was ended while it was frozen: ${killed.answer?.outcome ?? killed.err.trim()}`,
    ...(customers
      ? [`  customers meanwhile: ${customers.requests} requests, ${customers.failed} failed, 99 % within ${customers.p99Ms} ms`]
      : []),
  ];
  return { passed: verified.code === 0 && killed.code === 0, lines };
}
