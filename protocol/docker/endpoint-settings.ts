import { z } from 'zod';
import { int, optional, request, stringMap, words } from './request-schema';

/** One container's place in one network. A request sets the first group, an answer all. */
export const endpointSettings = request({
  IPAMConfig: optional(
    request({
      IPv4Address: optional(z.string()),
      IPv6Address: optional(z.string()),
      LinkLocalIPs: optional(words),
    }),
  ),
  Links: optional(words),
  Aliases: optional(words),
  DriverOpts: optional(stringMap),
  GwPriority: optional(int),
  MacAddress: optional(z.string()),
  NetworkID: optional(z.string()),
  EndpointID: optional(z.string()),
  Gateway: optional(z.string()),
  IPAddress: optional(z.string()),
  IPPrefixLen: optional(int),
  IPv6Gateway: optional(z.string()),
  GlobalIPv6Address: optional(z.string()),
  GlobalIPv6PrefixLen: optional(int),
  DNSNames: optional(words),
});
export type EndpointSettings = z.output<typeof endpointSettings>;

const nothingAsObject = (value: unknown): unknown => value ?? {};

/** docker-py sends `{"net": null}` for "this network, nothing special". */
export const networkingConfig = request({
  EndpointsConfig: optional(z.record(z.string(), z.preprocess(nothingAsObject, endpointSettings))),
});
export type NetworkingConfig = z.output<typeof networkingConfig>;
