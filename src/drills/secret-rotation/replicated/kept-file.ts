import { createHash } from 'node:crypto';
import { z } from 'zod';
import { plainName } from '../../../container/names.ts';
import type { ContainerInspect } from '../../../domain/engine/containers.ts';
import { FailedError, RefusedError } from '../../../domain/errors.ts';
import { Secret } from '../../../domain/secret.ts';
import { deliveryData } from '../deliver/data.ts';
import { type DeliveryScope, spotOf } from '../deliver/hands.ts';
import { backup, deliver, forget, lookAtDelivery } from '../deliver/index.ts';
import { putBackFiles } from '../deliver/restore.ts';
import type { Take } from '../deliver/schema.ts';
import { eachFile } from '../deliver/write.ts';

/** A file of one replica, of which a backup lies beside it while a rotation is under way. Plain data, for the journal. */
export const keptFile = z.object({
  /** `tell`: how the container takes what is put there. */
  delivery: deliveryData,
  /** Of the content before the run, salted with the run: tells nothing of it. */
  digest: z.string(),
});
export type KeptFile = z.infer<typeof keptFile>;

/** Each of the paths in each of the containers. Throws `RefusedError` where one is not there or cannot be replaced, or another run's backup lies beside it. Changes nothing. */
export async function keptFiles(
  containers: readonly ContainerInspect[],
  paths: readonly string[],
  take: Take,
  scope: DeliveryScope,
): Promise<KeptFile[]> {
  const asked = containers.flatMap((container) => [...new Set(paths)].map((file) => ({ container, file })));
  return Promise.all(
    asked.map(async ({ container, file }): Promise<KeptFile> => {
      const found = await lookAtDelivery(container, { ...take, file, format: '{secret}' }, scope);
      if ('cannot' in found) throw new RefusedError('no_delivery', found.cannot);
      if (found.never !== null) throw new RefusedError('never_seen', found.never);
      const { data: delivery } = found;
      return { delivery, digest: digestOf((await bytesOf({ delivery }, scope)) ?? Buffer.alloc(0), delivery.mark) };
    }),
  );
}

/** `/tls/server.crt in shop-web-1` */
export function whereOf({ delivery }: Pick<KeptFile, 'delivery'>): string {
  return `${delivery.secret.path} in ${delivery.container.name}`;
}

export async function readKept(file: KeptFile, scope: DeliveryScope): Promise<string> {
  const bytes = await bytesOf(file, scope);
  if (bytes === null) throw new FailedError('delivery_failed', `${whereOf(file)} is not there any more`);
  return bytes.toString('utf8');
}

export async function backUp({ delivery }: KeptFile, scope: DeliveryScope): Promise<void> {
  await backup(delivery, scope);
}

/** In one step, with owner and mode as they were. */
export async function replaceKept({ delivery }: KeptFile, content: string, scope: DeliveryScope): Promise<void> {
  await deliver(delivery, { user: null, secret: new Secret(content) }, scope);
}

/** Whether there was a backup to put back; `same`: what is there now is what was there before the run. The backup stays. */
export async function restoreKept(file: KeptFile, scope: DeliveryScope): Promise<{ readonly restored: boolean; readonly same: boolean }> {
  const restored = await putBackFiles(file.delivery, scope);
  const bytes = await bytesOf(file, scope);
  return { restored, same: bytes !== null && digestOf(bytes, file.delivery.mark) === file.digest };
}

/** The backup is gone when it resolves; names of what is still there. */
export function dropBackup({ delivery }: KeptFile, scope: DeliveryScope): Promise<readonly string[]> {
  return forget(delivery, scope);
}

/** A file of each container, to have it told once. */
export function oneEach(files: readonly KeptFile[]): KeptFile[] {
  return [...new Map(files.map((file) => [file.delivery.container.id, file])).values()];
}

/** The container's name, for what is said of it. */
export function ownersOf(containers: readonly ContainerInspect[]) {
  return containers.map(({ Id, Name }) => ({ id: Id, name: plainName(Name) }));
}

async function bytesOf({ delivery }: Pick<KeptFile, 'delivery'>, scope: DeliveryScope): Promise<Buffer | null> {
  let found: string | null = null;
  await eachFile(delivery, scope, async (file, seat) => {
    found = (await seat.ask({ do: 'read', ...spotOf(seat, file, delivery.mark) })).bytes;
  });
  return found === null ? null : Buffer.from(found, 'base64');
}

function digestOf(bytes: Buffer, mark: string): string {
  return createHash('sha256').update(`${mark}\0`).update(bytes).digest('hex').slice(0, 16);
}
