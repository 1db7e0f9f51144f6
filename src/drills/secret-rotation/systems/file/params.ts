import { z } from 'zod';
import { text } from '../../../../config/fields.ts';
import { containerPath, fileFormat, type Take, takeSchema } from '../../deliver/schema.ts';
import { type HttpPoint, httpPoints } from '../../http-points.ts';

export interface Params {
  readonly service: string;
  readonly path: string;
  readonly format: string;
  readonly take: Take;
  readonly accepts?: { readonly file: string } | undefined;
  readonly points: readonly HttpPoint[];
}

export const fields = {
  service: text().describe('A service that has the file; whatever it shares it with sees a new value too.'),
  path: containerPath().describe('Where the file lies in that service’s containers.'),
  format: fileFormat(),
  take: takeSchema()
    .refine(({ recreate }) => recreate === undefined, {
      path: ['recreate'],
      error: 'is not for who checks a file (try restart: true, which mounts it anew)',
    })
    .prefault({})
    .describe('How the services of `points` and of `service` are told that there is a new value. Without any way they look by themselves.'),
  accepts: z
    .strictObject({ file: containerPath().describe('Where the next value is written.') })
    .optional()
    .describe(
      'Plan `planned`: a second file, beside the first, whose value is accepted too, so that both work until the old one is refused. Without it the old one is refused as soon as there is a new one, which is an outage until everybody has that.',
    ),
  points: httpPoints(),
};
