import type { Engine } from '../domain/engine.ts';
import { attachment } from './calls/attach.ts';
import { capturing } from './calls/capturing.ts';
import { containers } from './calls/containers.ts';
import { events } from './calls/events.ts';
import { execution } from './calls/exec.ts';
import { files } from './calls/files.ts';
import { images } from './calls/images.ts';
import { imageImport } from './calls/import-image.ts';
import { information } from './calls/info.ts';
import { logs } from './calls/logs.ts';
import { networks } from './calls/networks.ts';
import { archiveUpload } from './calls/put-archive.ts';
import { stopping } from './calls/stop.ts';
import { swarm } from './calls/swarm.ts';
import { volumes } from './calls/volumes.ts';
import { EngineClient } from './client.ts';
import type { EngineConfig, EngineDeps } from './config.ts';

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
