import { DatabaseError, PitwallError } from '../domain/errors.ts';

/** What may go wrong while something is worked on. A defect of ours is not, and without the database nothing is sure. */
export function isOrdinary(error: unknown): error is PitwallError {
  return error instanceof PitwallError && !(error instanceof DatabaseError);
}

/** For what can be done without. */
export function nullIfOrdinary(error: unknown): null {
  if (!isOrdinary(error)) throw error;
  return null;
}
