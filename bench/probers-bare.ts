/** For `node -e` in a helper: the calls that a prober makes, on timers, and nothing else. One line in (doors), then a count for each line. */
export const bareLoop = `
const require = process.getBuiltinModule('node:module').createRequire('/pitwall/');
const pg = require('pg');
const { Redis } = require('ioredis');
let done = 0, failed = 0;
const say = () => process.stdout.write(JSON.stringify({ done, failed }) + '\\n');
async function postgresql({ host, port, database, user }, password) {
  const client = new pg.Client({ host, port, database, user, password });
  client.on('error', () => {});
  await client.connect();
  await client.query('SELECT 1');
  client.end().catch(() => {});
}
const once = { lazyConnect: true, retryStrategy: () => null, enableOfflineQueue: false, enableReadyCheck: false, disableClientInfo: true, protocol: 2 };
async function redis({ host, port, user }, password) {
  const client = new Redis({ host, port, username: user, password, ...once });
  client.on('error', () => {});
  await client.connect();
  await client.ping();
  client.disconnect();
}
let begun = false;
process.stdin.on('data', (data) => {
  if (begun) return say();
  begun = true;
  const { doors, secret, everyMs } = JSON.parse(data);
  for (const door of doors) {
    const attempt = door.protocol === 'redis' ? redis : postgresql;
    let busy = false;
    // on a busy machine they would pile up until the server takes no more
    setInterval(() => {
      if (busy) return;
      busy = true;
      attempt(door, secret).then(() => done++, () => failed++).finally(() => { busy = false; });
    }, everyMs);
  }
  say();
});
process.stdin.on('end', () => process.exit());
`;
