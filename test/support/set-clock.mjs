// Loaded before Pitwall (`node --import`): its wall clock is off by the seconds that a file names, from when it names them on.
import { readFileSync } from 'node:fs';

const Real = Date;
let offsetMs = 0;
const look = () => {
  try {
    offsetMs = Number(readFileSync(process.env.PITWALL_TEST_CLOCK, 'utf8')) * 1_000;
  } catch {
    // not set yet
  }
};
setInterval(look, 20).unref();

globalThis.Date = class extends Real {
  constructor(...given) {
    super(...(given.length === 0 ? [Real.now() + offsetMs] : given));
  }

  static now() {
    return Real.now() + offsetMs;
  }
};
