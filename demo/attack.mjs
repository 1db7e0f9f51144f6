/** Weaknesses that the shop's `weak` has on purpose (docker-compose.yml): every one of them must be found. */
const planted = ['PRV-01', 'PRV-04', 'PRV-08', 'NET-14', 'SEC-01'];
const ranks = ['critical', 'high', 'medium', 'low'];

/**
 * Every container of the shop attacked from inside a clone of it, and who can talk to whom measured from each of them. That findings are broken is
 * right here: the shop has weaknesses on purpose. It passes when those were found, and every probe was seen to fail where it must.
 *
 * @returns {Promise<{ passed: boolean, lines: string[] }>}
 */
export async function attackShop(pitwall, { log, signal }) {
  log('attacking every container of the shop from inside a clone of it');
  const attacked = await pitwall.ask(['run', 'sandbox'], signal);
  signal.throwIfAborted();
  const record = attacked.answer;
  if (!Array.isArray(record?.findings))
    return { passed: false, lines: [`sandbox: no result (exit code ${attacked.code})`, attacked.err.trim()] };
  const broken = record.findings.filter(({ state, waivedUntil }) => state === 'broken' && waivedUntil === null);
  const missing = planted.filter((probe) => !broken.some((finding) => finding.probe === probe && finding.target === 'shop-weak-1'));
  const rate = record.measurements.find(({ name }) => name === 'detection_rate')?.value;
  const count = (state) => record.findings.filter((finding) => finding.state === state).length;
  const passed = attacked.code === 1 && missing.length === 0 && rate >= 0.95;
  return {
    passed,
    lines: [
      `sandbox: ${record.verdict}, as it must be: ${count('broken')} broken, ${count('holds')} hold, ${count('inconclusive')} inconclusive, ${count('not-applicable')} do not apply, on ${record.targets.length} containers`,
      `  self-test: ${Math.round(rate * 100)} % of the probes were broken where their weakness was planted`,
      ...worst(broken).map(({ probe, severity, title, targets }) => `  ${severity} ${probe} ${title}: broken on ${targets.join(', ')}`),
      missing.length === 0 ? '  what is weak on purpose was found' : `  NOT found, though it is weak on purpose: ${missing.join(', ')}`,
    ],
  };
}

/** @returns {Promise<{ passed: boolean, lines: string[] }>} */
export async function mapShop(pitwall, { log, signal }) {
  log('measuring who can talk to whom, from every container of the shop');
  const { code, answer, err } = await pitwall.ask(['run', 'segmentation'], signal);
  signal.throwIfAborted();
  if (!Array.isArray(answer?.findings)) return { passed: false, lines: [`segmentation: no result (exit code ${code})`, err.trim()] };
  const shown = await pitwall.text(['show', answer.id]);
  const matrix = shown.slice(shown.findIndex((line) => line.startsWith('FROM')));
  // front and weak share a network with web and api, which no policy of the shop allows
  const open = answer.findings.filter(({ probe, state }) => probe === 'NET-04' && state === 'broken');
  return {
    passed: code === 1 && open.length > 0,
    lines: [
      `segmentation: ${answer.verdict}, as it must be: ${open.length} ways are open that the policy denies`,
      ...matrix.map((line) => `  ${line}`),
    ],
  };
}

/** The gravest first, the same on several containers once. */
function worst(findings) {
  const byProbe = new Map();
  for (const { probe, severity, title, target } of findings) {
    const known = byProbe.get(probe) ?? { probe, severity, title, targets: [] };
    known.targets.push(target);
    byProbe.set(probe, known);
  }
  return [...byProbe.values()]
    .filter(({ severity }) => severity !== 'low')
    .toSorted((a, b) => ranks.indexOf(a.severity) - ranks.indexOf(b.severity));
}
