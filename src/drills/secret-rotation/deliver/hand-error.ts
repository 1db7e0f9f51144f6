import { FailedError } from '../../../domain/errors.ts';

/** What kept a helper from doing what it was asked. */
export class HandError extends FailedError {
  /** A code, see `Said`. */
  readonly reason: string;

  constructor(reason: string) {
    super('delivery_failed', `a helper could not (${reason})`);
    this.reason = reason;
  }
}
