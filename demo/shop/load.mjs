/**
 * Customers of the shop: some look at the orders, some place one. Counts what fails.
 *
 *   node demo/shop/load.mjs [URL] [REQUESTS PER SECOND]
 *
 * Ends on SIGINT or SIGTERM with one line of JSON: { "requests", "failed", "p50Ms", "p99Ms", "failures": { "reason": n } }
 */
const base = process.argv[2] ?? `http://127.0.0.1:${process.env.SHOP_PORT || 8080}`;
const perSecond = Number(process.argv[3] ?? 20);
const times = [];
const failures = {};
const pending = new Set();
let count = 0;

// At a fixed rate, however slow the answers are: waiting for one before sending the next would hide an outage.
const timer = setInterval(() => {
  const one = customer(count++ % 4 === 3).finally(() => pending.delete(one));
  pending.add(one);
}, 1_000 / perSecond);

for (const name of ['SIGINT', 'SIGTERM']) process.once(name, finish);

async function customer(orders) {
  const start = performance.now();
  try {
    const response = await fetch(`${base}/orders`, { ...(orders ? order() : {}), signal: AbortSignal.timeout(10_000) });
    await response.arrayBuffer();
    if (response.status >= 400) fail(`status ${response.status}`);
  } catch (error) {
    fail(error.cause?.code ?? error.name);
  }
  times.push(performance.now() - start);
}

function order() {
  return { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ item: 'tyre', quantity: 4 }) };
}

function fail(reason) {
  failures[reason] = (failures[reason] ?? 0) + 1;
}

async function finish() {
  clearInterval(timer);
  await Promise.all(pending);
  times.sort((a, b) => a - b);
  const at = (part) => Math.round(times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0);
  const failed = Object.values(failures).reduce((sum, n) => sum + n, 0);
  console.log(JSON.stringify({ requests: times.length, failed, p50Ms: at(0.5), p99Ms: at(0.99), failures }));
  process.exit(0);
}
