/**
 * One side of the bench `api`, in a process of its own: `node api-server.mjs pitwall DATABASE` is the built server on a stored history,
 * `node api-server.mjs bare FILE` a fastify route for each answer in the file (JSON, bytes by path). Prints its address, and ends with its input.
 */
import { readFileSync } from 'node:fs';
import { fastify } from 'fastify';

const [, , side, path] = process.argv;
const address = side === 'bare' ? await bare(JSON.parse(readFileSync(path, 'utf8'))) : await pitwall(path);
process.stdout.write(`${address}\n`);
process.stdin.once('end', () => process.exit(0)).resume();

async function bare(answers) {
  const app = fastify();
  for (const [url, text] of Object.entries(answers)) {
    const bytes = Buffer.from(text);
    app.get(url, (_request, reply) => reply.type('application/json; charset=utf-8').send(bytes));
  }
  return app.listen({ host: '127.0.0.1', port: 0 });
}

/** With all that a request of these routes meets; what they never ask for is not there. */
async function pitwall(database) {
  const from = (file) => import(new URL(`../dist/${file}.js`, import.meta.url).href);
  const [
    { startServer },
    { openStore },
    { openAudit },
    { openSessions },
    { verifyToken },
    { systemClock: clock },
    { createScorecards },
    { drillKinds },
    { pino },
  ] = await Promise.all([
    from('server/start'),
    from('store/open'),
    from('access/audit'),
    from('access/sessions'),
    from('access/tokens'),
    from('clock'),
    from('scheduler/scorecards'),
    from('domain/words'),
    import('pino'),
  ]);
  const store = openStore({ path: database, clock });
  const verify = (token) => verifyToken(store, token);
  const drills = [];
  const unasked = async () => {
    throw new Error('this is not part of the bench');
  };
  const server = await startServer({
    store,
    tokens: { verify },
    sessions: openSessions({ store, verifyToken: verify, clock }),
    audit: openAudit(store),
    config: { host: '127.0.0.1', port: 0 },
    catalogue: () => ({ drills, problems: [] }),
    nextRuns: () => [],
    startRun: unasked,
    scorecards: createScorecards({ store, drills: () => drills, kinds: drillKinds, clock }),
    freezes: { start: unasked, release: unasked, lease: unasked },
    evidence: { list: unasked, get: unasked, manifest: unasked, custody: unasked, verify: unasked, download: unasked },
    alerts: { rules: [], engines: [], whyNot: () => null },
    targets: unasked,
    fleet: [],
    lateness: () => [],
    reports: { list: () => [], make: unasked, read: () => null },
    plan: unasked,
    ready: unasked,
    version: 'bench',
    clock,
    log: pino({ level: 'silent' }),
  });
  return server.address;
}
