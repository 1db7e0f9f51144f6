import { z } from 'zod';
import { duration, size, text } from '../../config/fields.ts';

export const drillNames = ['theft', 'backup', 'no-export', 'ledger', 'cut', 'throttle', 'alert'] as const;
export type DrillName = (typeof drillNames)[number];

/** A service of the targets' Compose project, or a container by its name; exactly one of them. */
export interface Place {
  readonly service?: string | undefined;
  readonly container?: string | undefined;
}

type Command = readonly string[];

/** Durations in ms, sizes in bytes. */
export interface Params {
  readonly anchor: Place & { readonly port?: number | undefined; readonly address?: string | undefined };
  readonly steal?:
    | {
        readonly volumes: readonly string[];
        readonly image: true;
        readonly environment: boolean;
        readonly secrets: boolean;
        readonly maxSize: number;
      }
    | undefined;
  readonly operate: {
    readonly command: Command;
    readonly records: 'stdout';
    readonly once?: { readonly command: Command } | undefined;
    readonly timeout: number;
  };
  /** In the order in which they are done. */
  readonly drills: readonly DrillName[];
  readonly throttle?:
    | { readonly operations: number; readonly window: number; readonly atMost: number; readonly command?: Command | undefined }
    | undefined;
  readonly ledger?: { readonly command: Command; readonly in?: Place | undefined; readonly records: 'stdout' } | undefined;
  readonly alert?:
    | { readonly within: number; readonly command?: Command | undefined; readonly in?: Place | undefined; readonly records: 'stdout' }
    | undefined;
  readonly export?:
    | {
        readonly commands: readonly Command[];
        readonly in?: Place | undefined;
        readonly control?: Command | undefined;
        readonly refusal?: string | undefined;
      }
    | undefined;
  readonly key?: { readonly fingerprint: string } | undefined;
  readonly cut?: Cut | undefined;
  readonly backup?: { readonly volumes: Readonly<Record<string, string>> } | undefined;
}

export interface Cut {
  readonly command: Command;
  readonly undo: Command;
  readonly in?: Place | undefined;
  readonly within: number;
  readonly others: readonly { readonly command: Command; readonly in: Place }[];
}

const command = () => z.array(z.string()).min(1, { error: 'is an empty command' });
const records = () => z.literal('stdout').default('stdout').describe('Where the number is: the first line of its output.');

export const params: z.ZodType<Params> = z
  .strictObject({
    anchor: z
      .strictObject({
        ...placeFields(),
        port: z
          .int()
          .min(1)
          .max(65_535)
          .optional()
          .describe('Where it listens (TCP). Default: the ports that its image or its container exposes.'),
        address: z
          .string()
          .regex(/^(?:\[[0-9A-Fa-f:.]+\]|[\w.-]+):\d{1,5}$/, { error: 'is not host:port (try hsm.example.com:1792)' })
          .optional()
          .describe(
            'Or `host:port` of one that is no container of this engine; what is to be run in the anchor then needs a place of its own.',
          ),
      })
      .superRefine(({ service, container, address, port }, ctx) => {
        if ([service, container, address].filter((one) => one !== undefined).length !== 1)
          ctx.addIssue({ code: 'custom', message: 'must have exactly one of service, container and address' });
        if (address !== undefined && port !== undefined)
          ctx.addIssue({ code: 'custom', path: ['port'], message: 'is part of the address' });
      })
      .describe('What the thief does not have. It is proven that its addresses cannot be reached from where the thief is.'),
    steal: z
      .strictObject({
        volumes: z.array(text()).min(1).describe('Volumes of the target, by name. They are copied; the originals are only read.'),
        image: z
          .boolean()
          .default(true)
          .refine((value) => value, { error: 'must be true: without the program nothing can be run, and nothing read proves nothing' })
          .transform(() => true as const)
          .describe('The image, as the target runs it.'),
        environment: z.boolean().default(true).describe('The environment of the target too; false: only that of its image.'),
        secrets: z.boolean().default(false).describe('The files below /run/secrets too, which are neither in image nor volume.'),
        maxSize: size().prefault('1GiB').describe('A larger volume is not copied, and the drill is inconclusive.'),
      })
      .optional()
      .describe('What is carried away. Needed by theft and backup.'),
    operate: z
      .strictObject({
        command: command().describe('Reads the data. Run in the target, and in the clones in place of their own command.'),
        records: z.literal('stdout').describe('Where the command says how many records it could read: the first line of its output.'),
        once: z
          .strictObject({ command: command().describe('Does one operation; exit code 0: it was allowed.') })
          .optional()
          .describe('For throttle, ledger and alert. Default: the command above, each record that it reads being one operation.'),
        timeout: duration({ min: 100 }).prefault('30s').describe('A command that takes longer has failed.'),
      })
      .describe('How the data is used.'),
    drills: z
      .array(z.enum(drillNames))
      .min(1)
      .default(['theft', 'backup'])
      .transform((names) => drillNames.filter((name) => names.includes(name)))
      .describe('What is practised: CA-1 theft, CA-2 throttle, CA-3 ledger, CA-4 alert, CA-5 no-export, CA-6 cut, CA-7 backup.'),
    throttle: z
      .strictObject({
        operations: z.int().min(2).max(100_000).describe('How many operations are asked for.'),
        window: duration({ min: 500 })
          .refine((ms) => ms <= 600_000, { error: 'is longer than 10 m' })
          .describe('In how long.'),
        atMost: z.int().min(1).describe('The most that may be allowed in that time.'),
        command: command()
          .optional()
          .describe(
            'Run in the target: asks for all of them itself, as fast as it can, and prints how many were allowed. Default: the command of operate, or of operate.once, as often and as fast as it can be run.',
          ),
      })
      .superRefine(({ operations, atMost }, ctx) => {
        if (atMost >= operations)
          ctx.addIssue({
            code: 'custom',
            path: ['atMost'],
            message: `must be less than operations (${operations}): nothing could be refused`,
          });
      })
      .optional()
      .describe('For throttle, and the unusual use that alert waits for.'),
    ledger: z
      .strictObject({
        command: command().describe('Prints how many operations the anchor has written down.'),
        in: place().optional().describe('Where it runs. Default: in the anchor.'),
        records: records(),
      })
      .optional()
      .describe('For ledger.'),
    alert: z
      .strictObject({
        within: duration({ min: 100 })
          .prefault('30s')
          .refine((ms) => ms <= 300_000, { error: 'is longer than 5 m' })
          .describe('How long the alert may take from the end of the unusual use.'),
        command: command()
          .optional()
          .describe(
            'Prints how many alerts there have been. Default: alerts come to pitwall serve, with the mark that the command has in PITWALL_MARK.',
          ),
        in: place().optional().describe('Where it runs. Default: in the anchor.'),
        records: records(),
      })
      .optional()
      .describe('For alert.'),
    export: z
      .strictObject({
        commands: z.array(command()).min(1).describe('Each asks for the key, and must fail.'),
        in: place().optional().describe('Where they run. Default: in the target.'),
        control: command()
          .optional()
          .describe('Something of the same sort that is allowed, run in the same place: it must succeed. Default: operate, in the target.'),
        refusal: text()
          .optional()
          .describe('What the output of a refusal holds, such as 403 or CKR_KEY_UNEXTRACTABLE: a failure without it is no refusal.'),
      })
      .optional()
      .describe('For no-export.'),
    key: z
      .strictObject({
        fingerprint: z
          .string()
          .regex(/^sha256:[0-9a-f]{64}$/, { error: 'is no fingerprint (try sha256: and 64 hexadecimal digits)' })
          .describe('`sha256:…` of the public key (DER, SubjectPublicKeyInfo), or of the bytes of a symmetric key.'),
      })
      .optional()
      .describe('For no-export: tells the anchor’s key from others that are found.'),
    cut: z
      .strictObject({
        command: command().describe('Takes the right of the application away.'),
        undo: command().describe('Gives it back; may be run twice.'),
        in: place().optional().describe('Where both run; it must be opted in. Default: in the anchor.'),
        within: duration({ min: 100 })
          .prefault('30s')
          .refine((ms) => ms <= 300_000, { error: 'is longer than 5 m' })
          .describe('When the application can still read after that, it was not cut.'),
        others: z
          .array(z.strictObject({ command: command().describe('Exit code 0: it works.'), in: place().describe('Where it runs.') }))
          .default([])
          .describe('Other applications of the anchor, which must go on working.'),
      })
      .optional()
      .describe('For cut.'),
    backup: z
      .strictObject({
        volumes: z.record(text(), text()).describe('By volume: the volume that holds a backup of it, laid out as it is.'),
      })
      .optional()
      .describe('For backup. Default: copies of the volumes of steal are restored.'),
  })
  .superRefine(({ anchor, ledger, alert, cut }, ctx) => {
    if (anchor.address === undefined) return;
    const inAnchor = { ledger, alert: alert?.command === undefined ? undefined : alert, cut };
    for (const [key, value] of Object.entries(inAnchor))
      if (value !== undefined && value.in === undefined)
        ctx.addIssue({ code: 'custom', path: [key, 'in'], message: 'is missing: in an anchor that is only an address nothing can be run' });
  })
  .superRefine(({ backup, steal }, ctx) => {
    for (const name of Object.keys(backup?.volumes ?? {}))
      if (!(steal?.volumes ?? []).includes(name))
        ctx.addIssue({ code: 'custom', path: ['backup', 'volumes', name], message: 'is not among the volumes of steal' });
  });

function placeFields() {
  return {
    service: text().optional().describe("A service of the targets' Compose project."),
    container: text().optional().describe('Or a container, by its name.'),
  };
}

function place() {
  return z.strictObject(placeFields()).superRefine(onePlace);
}

function onePlace({ service, container }: Place, ctx: z.RefinementCtx): void {
  if ((service === undefined) === (container === undefined))
    ctx.addIssue({ code: 'custom', message: 'must have exactly one of service and container' });
}
