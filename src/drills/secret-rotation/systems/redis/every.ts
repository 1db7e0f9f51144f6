import { FailedError } from '../../../../domain/errors.ts';
import type { Server } from './server.ts';

/** All at once, and all of them: one that is down must not keep the others as they are. Throws after all have ended, naming those that failed and those that did not. */
export async function every<T>(servers: readonly Server[], work: (server: Server) => Promise<T>): Promise<T[]> {
  const settled = await Promise.allSettled(servers.map((server) => work(server)));
  const reasons = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
  const [first] = reasons;
  if (reasons.length === 0) return settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const other = reasons.find((reason) => !(reason instanceof FailedError));
  if (other !== undefined) throw other;
  const failed = reasons as FailedError[];
  const done = servers.filter((_, index) => settled[index]?.status === 'fulfilled').map(({ point }) => point.name);
  if (done.length === 0 && failed.length === 1) throw first;
  const rest = done.length === 0 ? '' : `; done at ${done.join(', ')}`;
  throw new FailedError(failed[0]?.code ?? 'step_failed', `${failed.map(({ message }) => message).join('; ')}${rest}`, {
    hint: failed[0]?.hint,
  });
}

/** As `every`, for the end of a run: what fails is told in a sentence, and nothing is thrown but what is not a server's failure. */
export async function sentences(
  servers: readonly Server[],
  verb: string,
  work: (server: Server) => Promise<readonly string[]>,
): Promise<string[]> {
  const lists = await Promise.all(
    servers.map(async (server) => {
      try {
        return await work(server);
      } catch (error) {
        if (!(error instanceof FailedError)) throw error;
        return [`${error.message}, so it could not be ${verb}: when the cause is gone run: pitwall recover`];
      }
    }),
  );
  return lists.flat();
}
