import { z } from 'zod';

/** How a consumer is told that there is a new value. `none`: it looks by itself. */
export type Tell =
  | { readonly how: 'signal'; readonly signal: string }
  | { readonly how: 'restart' }
  | { readonly how: 'recreate' }
  | { readonly how: 'hook'; readonly port: number; readonly path: string }
  | { readonly how: 'none' };

/** How a consumer takes a new credential, as a drill file says it. */
export interface Deliver extends Take {
  readonly file: string;
  readonly userFile?: string | undefined;
  readonly format: string;
}

/** At most one of them. */
export interface Take {
  readonly reload?: string | undefined;
  readonly restart?: true | undefined;
  readonly recreate?: true | undefined;
  readonly hook?: { readonly port: number; readonly path: string } | undefined;
}

const ways = ['reload', 'restart', 'recreate', 'hook'] as const;
/** They end it, or stop it. */
const noReload = ['SIGKILL', 'SIGSTOP', 'SIGTERM'];

export function deliverSchema(): z.ZodType<Deliver> {
  return z
    .strictObject({
      file: containerPath().describe('Where the value is written: a path inside the container.'),
      userFile: containerPath()
        .optional()
        .describe('Where the name of the user is written, for one that changes with the value; without it nowhere.'),
      format: fileFormat(),
      ...takeFields(),
    })
    .superRefine(atMostOneWay)
    .refine((deliver) => deliver.userFile !== deliver.file, { path: ['userFile'], error: 'is the file of the value too' });
}

/** The value as a file has it. */
export function fileFormat(): z.ZodType<string> {
  return z
    .string()
    .refine((format) => format.split('{secret}').length === 2, { error: 'does not have {secret} in it once (try "{secret}")' })
    .default('{secret}\n')
    .describe(
      'What is written: the value in the place of `{secret}`, the name of the user in the place of `{user}`. By default the value and a line feed.',
    );
}

export function takeSchema(): z.ZodType<Take> {
  return z.strictObject(takeFields()).superRefine(atMostOneWay);
}

export function tellOf({ reload, restart, recreate, hook }: Take): Tell {
  if (reload !== undefined) return { how: 'signal', signal: reload };
  if (restart === true) return { how: 'restart' };
  if (recreate === true) return { how: 'recreate' };
  return hook === undefined ? { how: 'none' } : { how: 'hook', port: hook.port, path: hook.path };
}

/** `send it SIGHUP`, for lists of what will be done. */
export function tellInWords(tell: Tell): string {
  switch (tell.how) {
    case 'signal':
      return `send it ${tell.signal}`;
    case 'restart':
      return 'restart it';
    case 'recreate':
      return 'make it again from its image';
    case 'hook':
      return `POST to ${tell.path} on its port ${tell.port}`;
    case 'none':
      return 'let it look by itself';
  }
}

export function containerPath(): z.ZodString {
  return z.string().regex(/^\/(?:[^/\0]+\/)*[^/\0]+$/, { error: 'is not the absolute path of a file (try /run/secrets/db_password)' });
}

function takeFields() {
  return {
    reload: z
      .string()
      .regex(/^SIG[A-Z0-9+-]+$/, { error: 'is not the name of a signal (try SIGHUP)' })
      .refine((name) => !noReload.includes(name), { error: 'ends a container, and reloads nothing (try restart: true)' })
      .optional()
      .describe('The signal on which it reads the file again.'),
    restart: z.literal(true).optional().describe('It is restarted, with the layer that it has.'),
    recreate: z.literal(true).optional().describe('It is made again from the image that it runs.'),
    hook: z
      .strictObject({
        port: z.int().min(1).max(65_535).describe('Its port, in its own network.'),
        path: z.string().startsWith('/').describe('What is posted to, without a body; 2xx is success.'),
      })
      .optional()
      .describe('An HTTP POST to itself on which it reads the file again.'),
  };
}

function atMostOneWay(value: Take, ctx: z.core.$RefinementCtx<Take>): void {
  const given = ways.filter((way) => value[way] !== undefined);
  const [, second] = given;
  if (second === undefined) return;
  ctx.addIssue({ code: 'custom', path: [second], message: `is one way too many: there is ${given[0]} already`, input: value });
}
