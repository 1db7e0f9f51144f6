/**
 * `npm run demo`: from a fresh clone to drills on a real shop.
 *
 *   node demo/demo.mjs [--once] [--sample]
 *
 * Brings what is missing, starts the shop and `pitwall serve`, runs each kind of drill once under load, and stays until Ctrl-C.
 * At the end stand the scorecard, two reports in reports/demo (on the day, and on the rotation), and the wall in the browser. `--sample`
 * writes them to reports/sample instead.
 * `--once` ends after the drills, with 0 only if every one passed and nothing was left behind. Either way all that was started is
 * stopped and removed; images, packages and dependencies stay, in folders that are named.
 */
import { spawn } from 'node:child_process';
import { attackShop, mapShop } from './attack.mjs';
import { ensureBuild } from './build.mjs';
import { curveOf } from './curve.mjs';
import { ensureDependencies } from './dependencies.mjs';
import { ensureEngine } from './engine/engine.mjs';
import { leftBehind } from './engine/left-behind.mjs';
import { relayPorts } from './engine/relay.mjs';
import { freezeUnderLoad } from './freeze.mjs';
import { ensureShopImages } from './images/shop.mjs';
import { describeCaches } from './lib/caches.mjs';
import { interruptible } from './lib/interruptible.mjs';
import { progress } from './lib/progress.mjs';
import { releasers } from './lib/releasers.mjs';
import { report } from './lib/user-error.mjs';
import { startLoad } from './load.mjs';
import { demoPitwall } from './pitwall.mjs';
import { resultLines } from './results.mjs';
import { portTaken, shopDown, shopPort, shopUp } from './shop/compose.mjs';
import { requireFreePort } from './shop/port.mjs';
import { keepScore } from './wall.mjs';

const log = progress();
const once = process.argv.includes('--once');

process.exitCode = await interruptible(demo).catch(report);
for (const line of await describeCaches()) log(line);

async function demo(signal) {
  const cleanUp = releasers({ log });
  try {
    const engine = await bring(cleanUp, signal);
    const pitwall = await startAll(engine, cleanUp, signal);
    const passed = await runDrills(engine, pitwall, signal);
    if (!once) await stay(pitwall, signal);
    await cleanUp.upTo('engine');
    return passed && (await nothingLeft(engine)) ? 0 : 1;
  } finally {
    await cleanUp.all();
  }
}

/** What is missing: the dependencies take longest and the engine waits for the network, so both at once. */
async function bring(cleanUp, signal) {
  const engine = ensureEngine({ log });
  const built = ensureDependencies({ log, signal }).then(() => ensureBuild({ log }));
  // Whichever fails, the engine is stopped if it came up.
  cleanUp.add('engine', () =>
    engine.then(
      (one) => one.stop(),
      () => {},
    ),
  );
  await Promise.all([engine, built]);
  signal.throwIfAborted();
  return engine;
}

async function startAll(engine, cleanUp, signal) {
  await ensureShopImages(engine, { log });
  signal.throwIfAborted();
  const pitwall = demoPitwall(engine, { log });
  log('settling what an earlier demo may have left');
  await pitwall.prepare();
  await shopDown(engine);
  await requireFreePort(shopPort(), portTaken);
  log('starting the shop');
  cleanUp.add('shop', () => shopDown(engine));
  await shopUp(engine, { signal });
  log(`the shop is open at http://127.0.0.1:${shopPort()}/orders`);
  cleanUp.add('evidence', () => pitwall.forget());
  cleanUp.add('faults', () => pitwall.recover());
  const serve = await pitwall.serve(signal);
  cleanUp.add('pitwall serve', serve.stop);
  const relay = await relayPorts(engine, [shopPort(), pitwall.port]);
  cleanUp.add('relay', relay.stop);
  log(`pitwall serve listens on ${pitwall.url}`);
  return pitwall;
}

async function runDrills(engine, pitwall, signal) {
  const results = [];
  for (const drill of pitwall.drills) {
    log(`running ${drill}, with customers ordering meanwhile`);
    const load = startLoad(engine);
    try {
      const { code, record, err } = await pitwall.run(drill, signal);
      signal.throwIfAborted();
      results.push({ drill, code, record, err, load: await load.stop(), curve: await curveOf(pitwall, record) });
    } finally {
      await load.stop();
    }
  }
  const freeze = await freezeUnderLoad(engine, pitwall, { log, signal });
  signal.throwIfAborted();
  const attacks = [await attackShop(pitwall, { log, signal }), await mapShop(pitwall, { log, signal })];
  const score = await keepScore(pitwall, results, { sample: process.argv.includes('--sample'), log, signal });
  log('results');
  for (const result of results) for (const line of resultLines(result)) process.stdout.write(`${line}\n`);
  for (const line of [freeze, ...attacks, score].flatMap(({ lines }) => lines)) process.stdout.write(`${line}\n`);
  return (
    freeze.passed &&
    score.passed &&
    attacks.every(({ passed }) => passed) &&
    results.length > 0 &&
    results.every(({ code, record }) => code === 0 && record?.verdict === 'passed')
  );
}

function stay(pitwall, signal) {
  process.stdout.write(`\nThe wall is at ${pitwall.url}/, the shop at http://127.0.0.1:${shopPort()}/orders\n`);
  process.stdout.write(`to act from the wall, log in with the token in ${pitwall.home}/token\n`);
  process.stdout.write(`try: ${pitwall.command} targets\nCtrl-C ends and removes all of it\n`);
  openInBrowser(`${pitwall.url}/`);
  return new Promise((resolve) => {
    // A timer keeps the process; a listener alone does not.
    const timer = setInterval(() => {}, 60_000);
    signal.addEventListener('abort', () => {
      clearInterval(timer);
      resolve();
    });
  });
}

/** Where there is a desktop; whether it has a browser is its own business. */
function openInBrowser(url) {
  const { DISPLAY, WAYLAND_DISPLAY } = process.env;
  const command = process.platform === 'darwin' ? 'open' : (DISPLAY ?? WAYLAND_DISPLAY) ? 'xdg-open' : null;
  if (command !== null)
    spawn(command, [url], { stdio: 'ignore', detached: true })
      .on('error', () => {})
      .unref();
}

async function nothingLeft(engine) {
  const left = await leftBehind(engine, ['pitwall.run']);
  if (left.length > 0) log(`left behind: ${left.join(', ')}`);
  return left.length === 0;
}
