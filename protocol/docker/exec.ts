import { z } from 'zod';
import { bool, int, optional, request, words } from './request-schema';

/** `POST /containers/{id}/exec`. `Container` is docker-py's, which repeats the path's id; it says nothing. */
export const execCreate = request({
  Container: optional(z.string()),
  User: optional(z.string()),
  Privileged: optional(bool),
  Tty: optional(bool),
  /** [height, width] */
  ConsoleSize: optional(z.tuple([int, int])),
  AttachStdin: optional(bool),
  AttachStdout: optional(bool),
  AttachStderr: optional(bool),
  Detach: optional(bool),
  DetachKeys: optional(z.string()),
  Env: optional(words),
  WorkingDir: optional(z.string()),
  Cmd: optional(words),
});
export type ExecCreate = z.output<typeof execCreate>;

/** `POST /exec/{id}/start`. The lower-case ones are dockerode's own options, which it leaves in the body. */
export const execStart = request({
  Detach: optional(bool),
  Tty: optional(bool),
  ConsoleSize: optional(z.tuple([int, int])),
  hijack: optional(bool),
  stdin: optional(bool),
  stdout: optional(bool),
  stderr: optional(bool),
  stream: optional(bool),
});
export type ExecStart = z.output<typeof execStart>;

/** `GET /exec/{id}/json`. `ExitCode` is null while it runs. */
export const execInspect = z.object({
  ID: z.string(),
  ContainerID: z.string(),
  Running: z.boolean(),
  ExitCode: z.int().nullable(),
  OpenStdin: z.boolean(),
  OpenStdout: z.boolean(),
  OpenStderr: z.boolean(),
  CanRemove: z.boolean(),
  DetachKeys: z.string(),
  Pid: z.int(),
  ProcessConfig: z.object({
    entrypoint: z.string(),
    arguments: z.array(z.string()),
    tty: z.boolean(),
    user: z.string().optional(),
    privileged: z.boolean().optional(),
  }),
});
export type ExecInspect = z.output<typeof execInspect>;
