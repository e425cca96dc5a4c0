import { z } from 'zod';
import { endpointSettings } from './endpoint-settings';
import { bool, optional, request, stringMap } from './request-schema';

const ipamPool = request({
  Subnet: optional(z.string()),
  IPRange: optional(z.string()),
  Gateway: optional(z.string()),
  AuxiliaryAddresses: optional(stringMap),
});

export const ipam = request({
  Driver: optional(z.string()),
  Options: optional(stringMap),
  Config: optional(z.array(ipamPool)),
});
export type Ipam = z.output<typeof ipam>;

/** `POST /networks/create` */
export const networkCreate = request({
  Name: z.string(),
  CheckDuplicate: optional(bool),
  Driver: optional(z.string()),
  Scope: optional(z.string()),
  Internal: optional(bool),
  Attachable: optional(bool),
  Ingress: optional(bool),
  ConfigOnly: optional(bool),
  ConfigFrom: optional(request({ Network: optional(z.string()) })),
  IPAM: optional(ipam),
  EnableIPv4: optional(bool),
  EnableIPv6: optional(bool),
  Options: optional(stringMap),
  Labels: optional(stringMap),
});
export type NetworkCreate = z.output<typeof networkCreate>;

export const networkCreated = z.object({ Id: z.string(), Warning: z.string() });
export type NetworkCreated = z.output<typeof networkCreated>;

/** `POST /networks/{id}/connect` */
export const networkConnect = request({ Container: z.string(), EndpointConfig: optional(endpointSettings) });
export type NetworkConnect = z.output<typeof networkConnect>;

/** `POST /networks/{id}/disconnect` */
export const networkDisconnect = request({ Container: z.string(), Force: optional(bool) });
export type NetworkDisconnect = z.output<typeof networkDisconnect>;

/** `GET /networks/{id}`, and one entry of `GET /networks`. */
export const networkInspect = z.object({
  Name: z.string(),
  Id: z.string(),
  Created: z.string(),
  Scope: z.string(),
  Driver: z.string(),
  EnableIPv4: z.boolean(),
  EnableIPv6: z.boolean(),
  IPAM: z.object({
    Driver: z.string(),
    Options: z.record(z.string(), z.string()).nullable(),
    Config: z
      .array(
        z.object({
          Subnet: z.string().optional(),
          IPRange: z.string().optional(),
          Gateway: z.string().optional(),
          AuxiliaryAddresses: z.record(z.string(), z.string()).optional(),
        }),
      )
      .nullable(),
  }),
  Internal: z.boolean(),
  Attachable: z.boolean(),
  Ingress: z.boolean(),
  ConfigFrom: z.object({ Network: z.string() }),
  ConfigOnly: z.boolean(),
  /** By container id. */
  Containers: z.record(
    z.string(),
    z.object({
      Name: z.string(),
      EndpointID: z.string(),
      MacAddress: z.string(),
      IPv4Address: z.string(),
      IPv6Address: z.string(),
    }),
  ),
  Options: z.record(z.string(), z.string()),
  Labels: z.record(z.string(), z.string()),
});
export type NetworkInspect = z.output<typeof networkInspect>;
