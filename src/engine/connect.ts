import type { Engine } from '../domain/engine.ts';
import { attachment } from './attach.ts';
import { capturing } from './capturing.ts';
import { EngineClient } from './client.ts';
import type { EngineConfig, EngineDeps } from './config.ts';
import { containers } from './containers.ts';
import { events } from './events.ts';
import { execution } from './exec.ts';
import { files } from './files.ts';
import { images } from './images.ts';
import { imageImport } from './import-image.ts';
import { information } from './info.ts';
import { logs } from './logs.ts';
import { networks } from './networks.ts';
import { archiveUpload } from './put-archive.ts';
import { stopping } from './stop.ts';
import { swarm } from './swarm.ts';
import { volumes } from './volumes.ts';

export type { EngineConfig, EngineDeps } from './config.ts';

/** Lazy: nothing is read, loaded or connected before the first call. */
export function connectEngine(config: EngineConfig, deps: EngineDeps): Engine {
  const client = new EngineClient(config, deps);
  return {
    name: config.name,
    host: config.host,
    environment: config.environment,
    ...information(client),
    ...containers(client),
    ...stopping(client),
    ...files(client),
    ...execution(client),
    ...logs(client),
    ...attachment(client),
    ...capturing(client),
    ...archiveUpload(client),
    ...events(client),
    ...networks(client),
    ...volumes(client),
    ...images(client),
    ...imageImport(client),
    ...swarm(client),
    close: () => client.close(),
  };
}
