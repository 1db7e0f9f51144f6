import { EngineError } from '../domain/errors.ts';

/** What was removed while it was looked at is not there. */
export async function orNull<T>(asked: Promise<T>): Promise<T | null> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof EngineError && !error.lost) return null;
    throw error;
  }
}
