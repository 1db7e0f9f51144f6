import { afterAll, beforeAll, expect, test } from 'vitest';
import { openShop, type Shop } from './shop-lab.ts';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop();
}, 120_000);
afterAll(() => shop[Symbol.asyncDispose]());

/** The step `refuse` fails when the canary is there. */
const script = (undo: string) => `set -eu
json=$(cat)
get() { printf %s "$json" | sed -n "s/.*\\"$1\\":\\"\\([^\\"]*\\)\\".*/\\1/p"; }
step=$(get step) name=$(get name) old=$(get old)
sql() { psql -X -q -v ON_ERROR_STOP=1 -h /tmp -U postgres -d shop >/dev/null 2>&1; }
case $step in
  prepare) echo "CREATE ROLE $name LOGIN PASSWORD '$old'" | sql ;;
  refuse) exit 3 ;;
  undo) ${undo} ;;
esac`;

test.each([
  ['is undone by the rotation that knows its canary', `echo "DROP ROLE IF EXISTS $name" | sql`, [] as unknown[], 1],
  ['whose canary is still let in is not called undone', 'true', [expect.stringMatching(/was not seen to refuse the old credential/)], 5],
])(
  'a step that fails %s',
  async (_, undo, residue, exitCode) => {
    const step = JSON.stringify({ exec: ['sh', '-c', script(undo)], in: { service: 'db' }, timeout: '3s' });
    const made = JSON.stringify({ exec: ['sh', '-c', script(undo)], in: { service: 'db' }, timeout: '3s', generate: true });
    const file = shop.home.file(
      'steps.yaml',
      `name: steps
kind: secret-rotation
targets: { compose: { project: ${shop.project}, services: [db, api] } }
params:
  system: steps
  points: [{ service: db, port: 5432, protocol: postgresql, database: shop }]
  within: 2s
  observe: 500ms
  steps: { prepare: ${made}, issue: ${made}, refuse: ${step}, undo: ${step} }
`,
    );
    const answer = await shop.home.run(file);
    expect([answer.exitCode, answer.record.reason, answer.record.residue]).toEqual([
      exitCode,
      expect.stringContaining('step refuse'),
      residue,
    ]);
    expect((await shop.sql(`select count(*) from pg_roles where rolname ~ '^pitwall'`)) === '0').toBe(exitCode === 1);
  },
  60_000,
);
