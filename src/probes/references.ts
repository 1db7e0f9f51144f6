import { filesystemReferences } from './references/filesystem.ts';
import { imageReferences } from './references/image.ts';
import { networkReferences } from './references/network.ts';
import { privilegeReferences } from './references/privilege.ts';
import { resourcesReferences } from './references/resources.ts';
import { secretsReferences } from './references/secrets.ts';
import type { References } from './references/types.ts';

/** Of the CIS Docker Benchmark, whose numbers change from version to version. */
export const cisVersion = '1.6.0';

/** What others call what a probe looks for. Never a key: these are renumbered. */
export const references: References = {
  ...privilegeReferences,
  ...filesystemReferences,
  ...networkReferences,
  ...resourcesReferences,
  ...secretsReferences,
  ...imageReferences,
};
