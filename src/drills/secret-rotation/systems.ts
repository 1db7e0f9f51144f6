import type { SystemName } from './params.ts';
import type { System } from './system.ts';

/** Loaded when a drill of it is planned or run. */
export async function systemOf(name: SystemName): Promise<System<Readonly<Record<string, unknown>>>> {
  return (await load(name)) as System<never> as System<Readonly<Record<string, unknown>>>;
}

async function load(name: SystemName): Promise<System<never>> {
  switch (name) {
    case 'postgresql':
      return (await import('./systems/postgresql/index.ts')).postgresql as System<never>;
    case 'redis':
      return (await import('./systems/redis/index.ts')).redis as System<never>;
    case 'file':
      return (await import('./systems/file/index.ts')).file as System<never>;
    case 'steps':
      return (await import('./systems/steps/index.ts')).steps as System<never>;
    default:
      return name satisfies never;
  }
}
