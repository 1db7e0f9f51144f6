import type { RegistryConfig } from '../../config/config.ts';

/** The registry of the configuration, with the way to its credentials. */
export interface RegistryAccess extends Omit<RegistryConfig, 'credentials'> {
  /** Gives `user:password`, when it is asked for. Null: there are none. */
  readonly credentials: (() => string | Promise<string>) | null;
  /** ms without a byte in either direction after which a request has failed. (Default: 60 000.) */
  readonly idleMs?: number;
}

/** `127.0.0.1:5000/evidence:TAG`, as clients of registries write it. */
export function referenceOf({ url, repository }: Pick<RegistryAccess, 'url' | 'repository'>, tag: string): string {
  return `${url.replace(/^https?:\/\//, '')}/${repository}:${tag}`;
}

/** Whether evidence and passwords may go there: not in the clear to another machine, unless the configuration says so. */
export function mayGo(url: URL, access: Pick<RegistryAccess, 'url' | 'insecure'>): boolean {
  if (url.protocol === 'https:' || (url.protocol === 'http:' && access.insecure)) return true;
  return (
    url.origin === new URL(access.url).origin || (url.protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname))
  );
}
