import type { ContainerInspect } from '../domain/engine/containers.ts';
import type { EndpointSettings } from '../domain/engine/networks.ts';
import { apiAtLeast } from './api-version.ts';
import { shortId } from './names.ts';

type Json = Readonly<Record<string, unknown>>;

export interface Networking {
  /** For `create`, by network. */
  readonly endpoints: Readonly<Record<string, Json>>;
  /** To be connected between creation and start: before API 1.44 `create` takes one endpoint only. */
  readonly connect: readonly { readonly network: string; readonly endpoint: Json }[];
  /** To be disconnected between creation and start: networks that somebody took away from the old one after it was created. */
  readonly disconnect: readonly string[];
}

/** The endpoints that give a new container what the old one was given: never what the engine assigned. */
export function networkingFrom(inspect: ContainerInspect, apiVersion: string): Networking {
  const mode = inspect.HostConfig.NetworkMode;
  if (isFixed(mode)) return { endpoints: {}, connect: [], disconnect: [] };
  const modern = apiAtLeast(apiVersion, '1.44');
  const attached = Object.entries(inspect.NetworkSettings.Networks).map(([name, endpoint]) => ({
    // a network that the owner named by its id keeps that name, or it would count as a second one
    network: endpoint.NetworkID !== '' && endpoint.NetworkID === mode ? mode : name,
    endpoint: endpointFrom(inspect, name, endpoint, modern),
  }));
  const primary = isDefault(mode) ? 'bridge' : mode;
  const first = attached.find(({ network }) => network === primary);
  const others = attached.filter((one) => one !== first);
  const disconnect = first === undefined && attached.length > 0 ? [primary] : [];
  const atCreation = modern && disconnect.length === 0 ? attached : attached.filter((one) => one === first);
  return {
    endpoints: Object.fromEntries(
      atCreation
        // alone it goes without saying; beside others a network that is not said is not joined
        .filter(({ network, endpoint }) => network !== 'bridge' || !isEmpty(endpoint) || atCreation.length > 1)
        .map(({ network, endpoint }) => [network, endpoint]),
    ),
    connect: atCreation.length === attached.length ? [] : others,
    disconnect,
  };
}

/**
 * A MAC address that somebody chose. Before Docker 28 the engine makes 02:42 and the IPv4 address; later ones are random and cannot be
 * told from chosen ones, so they are kept: nothing else can have them.
 */
export function chosenMac(endpoint: EndpointSettings): string | null {
  const mac = endpoint.MacAddress;
  if (mac === '' || mac === undefined) return null;
  const bytes = endpoint.IPAddress.split('.').map((part) => Number(part).toString(16).padStart(2, '0'));
  return mac.toLowerCase() === ['02', '42', ...bytes].join(':') ? null : mac;
}

/** Without the id that engines before API 1.45 list among the aliases. */
export function chosenAliases(inspect: ContainerInspect, endpoint: EndpointSettings): string[] {
  return (endpoint.Aliases ?? []).filter((alias) => alias !== shortId(inspect.Id));
}

/** What one endpoint was given. `modern`: API 1.44 or later, which takes a MAC address for each endpoint. */
export function endpointFrom(inspect: ContainerInspect, name: string, endpoint: EndpointSettings, modern: boolean): Json {
  const mac = modern ? chosenMac(endpoint) : null;
  const common = {
    ...(endpoint.DriverOpts ? { DriverOpts: endpoint.DriverOpts } : {}),
    ...(endpoint.GwPriority ? { GwPriority: endpoint.GwPriority } : {}),
    ...(mac === null ? {} : { MacAddress: mac }),
  };
  // the default bridge refuses names and static addresses
  if (name === 'bridge') return common;
  const aliases = chosenAliases(inspect, endpoint);
  return {
    ...common,
    ...(endpoint.IPAMConfig ? { IPAMConfig: endpoint.IPAMConfig } : {}),
    ...(endpoint.Links ? { Links: endpoint.Links } : {}),
    ...(aliases.length > 0 ? { Aliases: aliases } : {}),
  };
}

/** Has no endpoints of its own. */
export function isFixed(mode: string): boolean {
  return mode === 'host' || mode === 'none' || mode.startsWith('container:');
}

function isDefault(mode: string): boolean {
  return mode === 'default' || mode === '';
}

function isEmpty(value: Json): boolean {
  return Object.keys(value).length === 0;
}
