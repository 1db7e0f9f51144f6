import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Logger } from 'pino';
import { openAudit } from '../access/audit.ts';
import { openSessions } from '../access/sessions.ts';
import { verifyToken } from '../access/tokens.ts';
import type { Config } from '../config/config.ts';
import { watchCatalogue } from '../config/watch-catalogue.ts';
import type { Engine } from '../domain/engine.ts';
import { type ExitCode, errorBody, exitCodeOf, exitCodes, InvalidError } from '../domain/errors.ts';
import { startNotifier } from '../notify/notifier.ts';
import type { RunnerDeps } from '../runner/deps.ts';
import { settleLeases } from '../runner/leases.ts';
import { previewPlan } from '../runner/plan.ts';
import { hasOrphans, recover } from '../runner/recover.ts';
import { type TargetView, targetViews } from '../runner/target-view.ts';
import { nextRuns } from '../scheduler/next-runs.ts';
import { startScheduler } from '../scheduler/scheduler.ts';
import { createScorecards } from '../scheduler/scorecards.ts';
import { createReports } from '../server/reports.ts';
import { startServer } from '../server/start.ts';
import type { Store } from '../store/store.ts';
import type { App } from './app.ts';
import { expiringProofs } from './expiring.ts';
import { firstToken } from './first-token.ts';
import { checkedHooks } from './hooks.ts';
import { createLateness } from './lateness.ts';
import { createReadiness } from './readiness.ts';
import { reportDeps, reportLibrary } from './report-deps.ts';
import { enginesFor } from './run.ts';
import { serveFreezes } from './serve-freezes.ts';
import { serveLog } from './serve-log.ts';
import { serveRuns } from './serve-runs.ts';
import { onSignals } from './signals.ts';
import { stopWithin } from './stop-within.ts';

/** How often runs that are old enough are forgotten. */
const retentionEveryMs = 3_600_000;
/** How often leases are looked at; those that are not due cost one query. */
const leasesEveryMs = 1_000;
/** How often held containers are looked at: a thaw by somebody else breaks their seal. */
const watchEveryMs = 10_000;
/** How often what the registry could not take is offered to it again. */
const pushEveryMs = 60_000;
/** How often runs of processes that are gone are looked for. */
const orphansEveryMs = 5_000;
/** How often the day's scorecard is computed, for its history. */
const scorecardEveryMs = 600_000;

/** `pitwall serve`: the scheduler and the API, until SIGTERM or SIGINT; what is half done is put back first. */
export async function serveCommand(app: App): Promise<ExitCode> {
  const { clock } = app;
  const config = app.config();
  const log = serveLog();
  using signals = onSignals((text) => log.info(text));
  const ended = new AbortController();
  const signal = AbortSignal.any([signals.signal, ended.signal]);
  using _limit = stopWithin(config.stop.withinMs, { signal, store: app.store, log });
  mkdirSync(config.home, { recursive: true, mode: 0o700 });
  let exitCode: ExitCode = exitCodes.ok;
  const end = (code: ExitCode, message: string) => {
    log.fatal(message);
    exitCode = code;
    ended.abort(new Error(message));
  };

  const deps = await app.runner({
    role: 'serve',
    onEvent: ({ runId, type, target, message }) => log.info({ run: runId, event: type, ...(target === null ? {} : { target }) }, message),
    onDisplaced: () => end(exitCodes.database, 'another serve has taken over this database'),
  });
  const { store } = deps;
  const [engines, forensics] = await Promise.all([app.engines(), app.forensics()]);
  const recovery = await recover(engines, deps);
  for (const sentence of recovery.done) log.info(sentence);
  for (const sentence of recovery.residue) log.error(sentence);
  for (const sentence of recovery.notices) log.warn({ notice: true }, sentence);
  for (const engine of recovery.unreachable) log.error(`engine ${engine} could not be asked`);
  if (signal.aborted) return exitCode;

  await using catalogue = watchCatalogue({ folders: config.drills, kinds: app.kinds, clock });
  const say = () => {
    const { drills, problems } = catalogue.current();
    log.info({ drills: drills.length }, 'the catalogue is read');
    for (const problem of problems) log.warn(problem.message);
  };
  say();
  catalogue.onChange(say);
  const find = (name: string) => {
    const drill = catalogue.current().drills.find((candidate) => candidate.name === name);
    if (drill === undefined) throw new InvalidError('unknown_drill', `there is no drill "${name}"`);
    return drill;
  };
  const runs = serveRuns({
    deps,
    engines,
    drills: () => catalogue.current().drills,
    signal,
    onFailure(drill, error) {
      const { code, message } = errorBody(error).error;
      log.error({ drill, code }, message);
      // without its database `serve` can promise nothing
      if (exitCodeOf(error) === exitCodes.database) end(exitCodes.database, message);
    },
  });
  const held = serveFreezes({
    deps,
    forensics,
    engines,
    config,
    clock,
    signal,
    onFailure(error) {
      const { code, message } = errorBody(error).error;
      log.error({ code }, `a freeze did not begin: ${message}`);
      if (exitCodeOf(error) === exitCodes.database) end(exitCodes.database, message);
    },
  });
  const leases = async (watch: boolean) => {
    const { done, notices } = await settleLeases(engines, deps, { watch });
    for (const sentence of done) log.info(sentence);
    for (const sentence of notices) log.warn({ notice: true }, sentence);
  };
  const pushAgain = async () => {
    for (const sentence of await forensics.pushPending(signal)) log.info(sentence);
  };
  const late = createLateness();
  await using scheduler = startScheduler({
    store,
    clock,
    processId: deps.processId,
    drills: () => catalogue.current().drills,
    start(drill, slot) {
      late.add(clock.now() - slot.due);
      return runs.scheduled(drill, slot.instant);
    },
    log,
  });
  const scorecards = createScorecards({ store, drills: () => catalogue.current().drills, kinds: [...app.kinds.keys()], clock });
  await using notifier = startNotifier({
    store,
    clock,
    hooks: checkedHooks(config, app, log),
    expiring: () => expiringProofs(scorecards.withItems().items, clock.now()),
    random: Math.random,
    version: app.version,
    log,
  });
  const targetOptions = () => ({ config, self: deps.self, kinds: [...app.kinds.keys()], drills: catalogue.current().drills });
  await using server = await startServer({
    store,
    tokens: { verify: (token) => verifyToken(store, token) },
    sessions: openSessions({ store, verifyToken: (token) => verifyToken(store, token), clock }),
    audit: openAudit(store),
    config: { host: config.api.host, port: config.api.port, hosts: config.api.allowedHosts },
    catalogue: () => catalogue.current(),
    nextRuns: (drill, n) => nextRuns(drill, clock.now(), n).map((next) => next.instant),
    startRun: (name, options) => runs.asked(name, options),
    scorecards,
    reports: createReports(
      reportLibrary(app),
      reportDeps(store, () => catalogue.current().drills, app),
      clock,
    ),
    freezes: held.freezes,
    evidence: held.evidence,
    alerts: { rules: config.policy.freeze, engines, whyNot: held.whyNot },
    targets: () => targetsOfAll(engines, targetOptions(), log),
    fleet: engines.map((engine) => ({ engine: engine.name, targets: () => targetViews(engine, targetOptions()) })),
    async plan(name) {
      const drill = find(name);
      const reports = await Promise.all(enginesFor(drill, engines).map((engine) => previewPlan(drill, engine, 'preview', deps)));
      return reports.length === 1 ? reports[0] : reports;
    },
    ready: createReadiness({
      engines,
      store,
      disks: [
        { name: 'database', path: dirname(config.store.path) },
        { name: 'evidence', path: config.evidence.path },
      ],
      catalogue: () => catalogue.current(),
      scheduler: () => scheduler.health(),
      clock,
    }),
    lateness: late.drain,
    version: app.version,
    clock,
    log,
  });
  log.info({ address: server.address, tokenFile: firstToken(store, config.home) }, 'serving; the admin token is in the file named here');
  await Promise.all([
    every(retentionEveryMs, () => forgetOld(store, config, clock.now()), signal, app, log),
    every(orphansEveryMs, () => settleOrphans(engines, deps, log), signal, app, log),
    every(leasesEveryMs, () => leases(false), signal, app, log),
    every(watchEveryMs, () => leases(true), signal, app, log),
    every(pushEveryMs, pushAgain, signal, app, log),
    every(scorecardEveryMs, async () => scorecards.keep(scorecards.card()), signal, app, log),
  ]);
  log.info('stopping');
  // first nothing new begins; then what goes on is put back
  await scheduler.stop();
  await server.stop();
  await runs.settled();
  await held.settled();
  await notifier.stop();
  return exitCode;
}

async function forgetOld(store: Store, { retention }: Config, now: number): Promise<void> {
  await store.retention({ ...retention.runs, now });
  // what days came to is of use for as long as the runs that it was added up from
  store.daily.forget(now - retention.runs.maxAgeMs);
  store.scorecards.forget(now - retention.runs.maxAgeMs);
  store.notices.forget(now - retention.notices.maxAgeMs);
}

/** An engine that is away does not hide the others; when none answers that is the answer. */
async function targetsOfAll(engines: readonly Engine[], options: Parameters<typeof targetViews>[1], log: Logger): Promise<TargetView[]> {
  const answers = await Promise.allSettled(engines.map((engine) => targetViews(engine, options)));
  const lost = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as unknown] : []));
  if (lost.length === engines.length) throw lost[0];
  for (const error of lost) log.warn(errorBody(error).error.message);
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
}

/** A command beside `serve` may be killed too: what it left is settled within seconds, not at the next start. */
async function settleOrphans(engines: readonly Engine[], deps: RunnerDeps, log: Logger): Promise<void> {
  if (!hasOrphans(deps)) return;
  const recovery = await recover(engines, deps);
  for (const sentence of recovery.done) log.info(sentence);
  for (const sentence of recovery.residue) log.error(sentence);
}

/** Does it now and again until the end; that it fails once is said, and it is tried again. */
async function every(ms: number, work: () => Promise<unknown>, signal: AbortSignal, { clock }: App, log: Logger): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
    } catch (error) {
      log.error(errorBody(error).error.message);
    }
    await clock.sleep(ms, signal).catch(() => undefined);
  }
}
