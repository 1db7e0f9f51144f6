/**
 * The artifact `matrix` of a segmentation run: three tables in one, what the policy declares, what Docker's networks let one expect, and
 * what was measured, and where they disagree.
 */
export interface Matrix {
  readonly cells: readonly MatrixCell[];
}

export interface MatrixCell {
  /** A Compose service, or a container's name where there is no Compose. */
  readonly from: string;
  /** As `from`; or `host`, or `external`. */
  readonly to: string;
  /** The address that was connected to, never a name; with `%interface` where it is of one link only. Null where nothing was connected to. */
  readonly address: string | null;
  /** The port that was connected to: of a published port, the host's. Null where no port is known. */
  readonly port: number | null;
  readonly protocol: Protocol;
  readonly declared: 'allow' | 'deny';
  /** Two containers that share a network reach each other; one that is on a network that is not internal reaches the host and the outside. */
  readonly simulated: 'allow' | 'deny';
  /** `refused`: the address answered, and nothing listens on the port: reachable all the same. `closed`: no answer or no way, and it was shown that there would have been one. */
  readonly measured: 'open' | 'refused' | 'closed' | 'unknown';
  /** `deny-but-open`: what the policy denies can be reached. `allow-but-closed`: what it allows cannot. `bypass`: reached although no network joins the two. */
  readonly disagreement: 'deny-but-open' | 'allow-but-closed' | 'bypass' | null;
}

export type Protocol = 'tcp' | 'udp';
