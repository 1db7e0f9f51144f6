import type { CallOptions, Json } from './call.ts';

/** What is asked of a network. */
export interface NetworkCalls {
  networks(filter?: { readonly labels?: readonly string[] }, options?: CallOptions): Promise<NetworkInspect[]>;
  inspectNetwork(id: string, options?: CallOptions): Promise<NetworkInspect>;
  createNetwork(name: string, body: Json, options?: CallOptions): Promise<string>;
  /** Already gone is success. */
  removeNetwork(id: string, options?: CallOptions): Promise<void>;
  connect(network: string, container: string, endpoint: Json, options?: CallOptions): Promise<void>;
  disconnect(network: string, container: string, options?: CallOptions & { readonly force?: boolean }): Promise<void>;
}

export interface NetworkInspect {
  readonly Id: string;
  readonly Name: string;
  readonly Driver: string;
  readonly Internal: boolean;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly IPAM: { readonly Config: readonly { readonly Subnet?: string; readonly Gateway?: string }[] | null };
  readonly Containers?: Readonly<Record<string, { readonly Name: string; readonly IPv4Address: string }>>;
  readonly Options?: Readonly<Record<string, string>> | null;
}

export interface EndpointSettings {
  readonly IPAMConfig?: { readonly IPv4Address?: string; readonly IPv6Address?: string; readonly LinkLocalIPs?: readonly string[] } | null;
  readonly Links?: readonly string[] | null;
  readonly Aliases?: readonly string[] | null;
  readonly DNSNames?: readonly string[] | null;
  readonly DriverOpts?: Readonly<Record<string, string>> | null;
  readonly GwPriority?: number;
  readonly NetworkID: string;
  readonly EndpointID: string;
  readonly Gateway: string;
  readonly IPAddress: string;
  readonly GlobalIPv6Address?: string;
  readonly MacAddress: string;
}
