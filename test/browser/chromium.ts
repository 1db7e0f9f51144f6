import { type Browser, chromium } from 'playwright-core';

/** The suite's own, else what this machine has or can fetch; or why there is none. */
export async function findBrowser(): Promise<{ readonly path: string } | { readonly missing: string }> {
  const { PITWALL_TEST_CHROMIUM: path, PITWALL_TEST_NO_CHROMIUM: missing } = process.env;
  if (path !== undefined) return { path };
  if (missing !== undefined) return { missing };
  // The demo's own means, which are not typed.
  const { findChromium } = (await import(new URL('../../demo/debian/chromium.mjs', import.meta.url).href)) as {
    findChromium(options: { log(line: string): void }): ReturnType<typeof findBrowser>;
  };
  return findChromium({ log: (line) => process.stderr.write(`${line}\n`) });
}

export function openBrowser(path: string): Promise<Browser> {
  // Its sandbox needs what root in a container does not have; it is shown our own pages only.
  return chromium.launch({ executablePath: path, chromiumSandbox: false });
}
