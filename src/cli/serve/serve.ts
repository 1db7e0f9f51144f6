import { mkdirSync } from 'node:fs';
import { watchCatalogue } from '../../config/catalogue/watch-catalogue.ts';
import { type ExitCode, errorBody, exitCodeOf, exitCodes } from '../../domain/errors.ts';
import { startNotifier } from '../../notify/notifier.ts';
import { startScheduler } from '../../scheduler/scheduler.ts';
import { createScorecards } from '../../scheduler/scorecards.ts';
import { startServer } from '../../server/start.ts';
import type { App } from '../app.ts';
import { checkedHooks } from '../hooks.ts';
import { onSignals } from '../signals.ts';
import { expiringProofs } from './expiring.ts';
import { firstToken } from './first-token.ts';
import { serveFreezes } from './freezes.ts';
import { createLateness } from './lateness.ts';
import { serveLog } from './log.ts';
import { recoverAtStart } from './recovery.ts';
import { serveRuns } from './runs.ts';
import { serverDeps } from './server-deps.ts';
import { stopWithin } from './stop-within.ts';
import { upkeep } from './upkeep.ts';

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
  await recoverAtStart(engines, deps, log);
  if (signal.aborted) return exitCode;

  await using catalogue = watchCatalogue({ folders: config.drills, kinds: app.kinds, clock });
  const say = () => {
    const { drills, problems } = catalogue.current();
    log.info({ drills: drills.length }, 'the catalogue is read');
    for (const problem of problems) log.warn(problem.message);
  };
  say();
  catalogue.onChange(say);
  const drills = () => catalogue.current().drills;
  const runs = serveRuns({
    deps,
    engines,
    drills,
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
  const late = createLateness();
  await using scheduler = startScheduler({
    store,
    clock,
    processId: deps.processId,
    drills,
    start(drill, slot) {
      late.add(clock.now() - slot.due);
      return runs.scheduled(drill, slot.instant);
    },
    log,
  });
  const scorecards = createScorecards({ store, drills, kinds: [...app.kinds.keys()], clock });
  await using notifier = startNotifier({
    store,
    clock,
    hooks: checkedHooks(config, app, log),
    expiring: () => expiringProofs(scorecards.withItems().items, clock.now()),
    random: Math.random,
    version: app.version,
    log,
  });
  await using server = await startServer(
    serverDeps({ app, config, deps, engines, catalogue, runs, held, scheduler, scorecards, late, log }),
  );
  log.info({ address: server.address, tokenFile: firstToken(store, config.home) }, 'serving; the admin token is in the file named here');
  await upkeep({ deps, engines, forensics, scorecards, config, clock, log, signal });
  log.info('stopping');
  // first nothing new begins; then what goes on is put back
  await scheduler.stop();
  await server.stop();
  await runs.settled();
  await held.settled();
  await notifier.stop();
  return exitCode;
}
