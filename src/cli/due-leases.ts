import type { App } from './app.ts';

/** Where no `serve` watches, whoever looks does what is due. One query when nothing is. */
export async function settleDueLeases(app: App): Promise<void> {
  const store = await app.store();
  const now = app.clock.now();
  if (store.processes.serve() !== null || !store.holds.current().some(({ deadline }) => deadline <= now)) return;
  const { settleLeases } = await import('../runner/leases.ts');
  const [deps, engines] = await Promise.all([app.runner(), app.engines()]);
  const { done, notices } = await settleLeases(engines, deps, { watch: true });
  for (const sentence of done) app.out.progress(sentence);
  for (const sentence of notices) app.out.warn(sentence);
}
