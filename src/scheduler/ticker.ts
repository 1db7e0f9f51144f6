import { schedule } from 'node-cron';

/** Calls `wake` now and then, about once a second: a wake-up, not the truth. The ledger says what is due. */
export type Ticker = (wake: () => void) => { stop(): void };

/**
 * node-cron's ticks. In UTC, as in a zone it loses one pass of a repeated hour. A tick that it missed needs no word: the next one
 * finds what is due.
 */
export const cronTicker: Ticker = (wake) => {
  const task = schedule('* * * * * *', wake, { timezone: 'UTC', suppressMissedWarning: true });
  return { stop: () => void task.destroy() };
};
