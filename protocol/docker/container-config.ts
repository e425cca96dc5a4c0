import { z } from 'zod';
import { bool, int, keySet, optional, request, stringMap, words } from './request-schema';

/** Durations in nanoseconds; 0 = the image's or the default one. `Test`: `[]` inherit, `["NONE"]`, `["CMD", …]`, `["CMD-SHELL", "…"]`. */
export const healthcheck = request({
  Test: optional(words),
  Interval: optional(int),
  Timeout: optional(int),
  StartPeriod: optional(int),
  StartInterval: optional(int),
  Retries: optional(int),
});
export type Healthcheck = z.output<typeof healthcheck>;

/** What runs, independent of the host: the top level of a create body, and `Config` of an inspect. */
export const containerConfigShape = {
  Hostname: optional(z.string()),
  Domainname: optional(z.string()),
  User: optional(z.string()),
  AttachStdin: optional(bool),
  AttachStdout: optional(bool),
  AttachStderr: optional(bool),
  ExposedPorts: optional(keySet),
  Tty: optional(bool),
  OpenStdin: optional(bool),
  StdinOnce: optional(bool),
  Env: optional(words),
  Cmd: optional(words),
  Healthcheck: optional(healthcheck),
  ArgsEscaped: optional(bool),
  Image: optional(z.string()),
  Volumes: optional(keySet),
  WorkingDir: optional(z.string()),
  Entrypoint: optional(words),
  NetworkDisabled: optional(bool),
  MacAddress: optional(z.string()),
  OnBuild: optional(words),
  Labels: optional(stringMap),
  StopSignal: optional(z.string()),
  StopTimeout: optional(int),
  Shell: optional(words),
} as const;

export const containerConfig = z.object(containerConfigShape);
export type ContainerConfig = z.output<typeof containerConfig>;
