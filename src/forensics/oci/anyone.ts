import { FailedError } from '../../domain/errors.ts';
import { type RegistryAccess, referenceOf } from './access.ts';
import { getManifest } from './remote.ts';
import { openSession } from './session.ts';

/** Asks for what was pushed without saying who we are. A sentence for the reader when it was given, or when that could not be found out. */
export async function letsAnyonePull(access: RegistryAccess, tag: string, signal: AbortSignal): Promise<string | null> {
  const stranger = openSession({ ...access, credentials: null }, signal);
  try {
    if ((await getManifest(stranger, tag)) === null) return null;
    return `the registry ${access.url} lets anyone pull ${referenceOf(access, tag)}: evidence holds every secret of the memory`;
  } catch (error) {
    if (!(error instanceof FailedError)) throw error;
    if (error.code === 'registry_refused') return null;
    return `it could not be found out whether the registry ${access.url} lets anyone pull evidence, which holds every secret of the memory: ${error.message}`;
  } finally {
    stranger.close();
  }
}
