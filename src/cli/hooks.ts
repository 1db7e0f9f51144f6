import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { secretValue } from '../config/secret-value.ts';
import { errorBody } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';
import type { Hook } from '../notify/hook.ts';
import type { App } from './app.ts';

/** The hooks of the configuration, whose secrets are looked up when they are needed. */
export function hooksOf(config: Config, { env }: Pick<App, 'env'>): readonly Hook[] {
  return config.notify.map(({ name, url, secret, ...rest }) => ({
    ...rest,
    name,
    url: () => (url instanceof Secret ? url : secretValue(url, `notify ${name}: url`, { env, folder: config.home })),
    secret: secret === null ? null : () => secretValue(secret, `notify ${name}: secret`, { env, folder: config.home }),
  }));
}

/** As `hooksOf`; one whose secret is missing now is said, and tried all the same. */
export function checkedHooks(config: Config, app: Pick<App, 'env'>, log: Pick<Logger, 'warn'>): readonly Hook[] {
  const hooks = hooksOf(config, app);
  for (const { name, url, secret } of hooks) {
    try {
      url();
      secret?.();
    } catch (error) {
      log.warn({ hook: name }, errorBody(error).error.message);
    }
  }
  return hooks;
}
