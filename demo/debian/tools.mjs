import { unpackPackages } from './packages.mjs';

/** An unpacked root with the program that makes others relocatable. */
export function relocationTools({ log } = {}) {
  return unpackPackages('host', ['patchelf'], { log });
}
