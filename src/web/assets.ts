/** Where the page's parts are: each under the hash of all of them, so that a browser may keep them for ever. */
export interface Assets {
  readonly style: string;
  readonly scripts: readonly string[];
  readonly icon: string;
}
