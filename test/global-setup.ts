import { docker } from './support/containers.ts';

/** After the whole suite nothing that Pitwall makes for itself may be left on the engine: the last and widest of all assertions. */
export async function teardown(): Promise<void> {
  if (!process.env.DOCKER_HOST) return;
  const left = await docker('ps', '-a', '--filter', 'label=pitwall.run', '--format', '{{.Names}} {{.Label "pitwall.role"}} {{.Status}}');
  if (left !== '') throw new Error(`the suite left containers of Pitwall behind:\n${left}`);
}
