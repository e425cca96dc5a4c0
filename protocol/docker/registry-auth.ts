import { z } from 'zod';
import { optional } from './request-schema';

const authShape = {
  username: optional(z.string()),
  password: optional(z.string()),
  auth: optional(z.string()),
  email: optional(z.string()),
  serveraddress: optional(z.string()),
  identitytoken: optional(z.string()),
  registrytoken: optional(z.string()),
} as const;

/** What `X-Registry-Auth` carries, base64url-encoded. */
export const registryAuth = z.object(authShape);
export type RegistryAuth = z.output<typeof registryAuth>;

/** `POST /auth` */
export const authRequest = z.object(authShape);
export type AuthRequest = z.output<typeof authRequest>;

export const authResponse = z.object({ Status: z.string(), IdentityToken: z.string().optional() });
export type AuthResponse = z.output<typeof authResponse>;
