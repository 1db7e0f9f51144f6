import type { Engine } from '../../domain/engine.ts';
import { EngineError } from '../../domain/errors.ts';

/** Names of what was made, or may have been: noted before the engine is asked. */
export interface Made {
  readonly containers: string[];
  readonly volumes: string[];
  readonly networks: string[];
}

/** All of it that can be removed, in the order in which nothing holds the next; tells what could not. What is gone already is fine. */
export async function removeMade(
  engine: Pick<Engine, 'remove' | 'removeVolume' | 'removeNetwork'>,
  { containers, volumes, networks }: Made,
  onLeft: (sentence: string) => void,
): Promise<void> {
  let lost = false;
  const each = async (type: string, names: readonly string[], remove: (name: string) => Promise<void>) => {
    for (const name of names) {
      if (lost) {
        onLeft(`${type} ${name} may be left: the engine is lost`);
        continue;
      }
      try {
        await remove(name);
      } catch (error) {
        if (!(error instanceof EngineError)) throw error;
        // each further call would only wait for its time limit
        lost = error.lost;
        onLeft(`${type} ${name} could not be removed: ${error.message}`);
      }
    }
  };
  await each('container', containers, (name) => engine.remove(name, { force: true, anonymousVolumes: true }));
  await each('volume', volumes, (name) => engine.removeVolume(name));
  await each('network', networks, (name) => engine.removeNetwork(name));
}
