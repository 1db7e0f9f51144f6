type Json = Readonly<Record<string, unknown>>;

/**
 * A container of the helper image with weaknesses planted on purpose: on no network, without anything of a target's. Probes that name it must be
 * broken in it, or their answers on targets count for nothing.
 */
export interface WeakDummy {
  readonly name: string;
  /** `run`: started, with the probes in it. `declared`: created and never started, so what it declares can reach nothing; only the API is asked. */
  readonly how: 'run' | 'declared';
  /** Started, it would have something of the host's: only with `selfTest: full`, never on production. (Default: false.) */
  readonly reachesHost?: boolean;
  /** `HostConfig`, over one that is bounded and on no network. */
  readonly host?: Json;
  /** The rest of what a container is created from: `User`, `Env`, … */
  readonly config?: Json;
  /** Shell, run in it as its user before the probes; programs are `$B applet`. */
  readonly setUp?: string;
  /** Shell, run after `setUp`: where it fails, this host cannot have the weakness, and `lacking` says why. It never asks the probe. */
  readonly needs?: { readonly run: string; readonly lacking: string };
  /** Text files written into its layer after its creation, so that they count as changed. */
  readonly files?: readonly { readonly path: string; readonly content: string; readonly mode?: number }[];
  /** It has an image of its own, made from the plain one: Dockerfile lines, and what its history says created it. */
  readonly image?: {
    readonly changes: readonly string[];
    readonly createdBy: readonly string[];
    /** It is named by a tag without a version, which was given to another image since. (Default: false: named by its id.) */
    readonly moved?: boolean;
  };
  /**
   * `HostConfig` that the engine is taken to claim of it, in place of what it has: a limit that is declared and does not bite, which a sound engine
   * cannot be made to have.
   */
  readonly claims?: Json;
  /** Addresses of its own loopback that stand for those of its networks' gateways. */
  readonly gateways?: readonly string[];
  /** An address of its own loopback that stands for the outside, `127.0.0.1:80`. */
  readonly outside?: string;
  /** Another like it stands beside it, never started. Only where it is `declared` itself. (Default: false.) */
  readonly twin?: boolean;
  /** It is looked at so much later, ms: all that it is made of is older then. (Default: 0.) */
  readonly laterMs?: number;
  /** Folder of a volume in which a dead socket `docker.sock` lies. */
  readonly socketAt?: string;
}
