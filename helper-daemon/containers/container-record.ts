/** What the database holds of a container: how it was asked for (record), and what became of it (state). */
import { z } from 'zod';
import { containerConfig, hostConfig } from '../../protocol/docker';

export const recordedMount = z.object({
  type: z.enum(['bind', 'volume', 'tmpfs']),
  /** Volume's name. */
  name: z.string().optional(),
  /** Path on the host; empty for tmpfs. */
  source: z.string(),
  target: z.string(),
  readonly: z.boolean(),
  recursive: z.boolean(),
  /** Copy the image's content up into an empty volume. */
  copyUp: z.boolean(),
  noexec: z.boolean(),
  nosuid: z.boolean(),
  nodev: z.boolean(),
  tmpfsSize: z.int(),
  tmpfsMode: z.int(),
  /** As the user wrote the options of `-v` (`ro,z`). */
  mode: z.string(),
  anonymous: z.boolean(),
});
export type RecordedMount = z.output<typeof recordedMount>;

export const recordedCaller = z.object({
  uid: z.int(),
  gid: z.int(),
  groups: z.array(z.int()),
  admin: z.boolean(),
});
export type RecordedCaller = z.output<typeof recordedCaller>;

export const containerRecord = z.object({
  id: z.string(),
  ownerUid: z.int(),
  name: z.string(),
  /** RFC 3339 with nanoseconds. */
  created: z.string(),
  imageId: z.string(),
  /** Bottom first. */
  layers: z.array(z.string()),
  /** Who asked for it: whose rights open its bind sources whenever it starts. */
  caller: recordedCaller,
  config: containerConfig,
  hostConfig: hostConfig,
  args: z.array(z.string()),
  mounts: z.array(recordedMount),
  /** Name of a network of the owner's, or `host`, `none`, `container:<id>`. */
  network: z.string(),
  aliases: z.array(z.string()),
  requestedIp: z.string(),
});
export type ContainerRecord = z.output<typeof containerRecord>;

export const traceStep = z.object({ Name: z.string(), Detail: z.string(), Milliseconds: z.number() });
export type TraceStep = z.output<typeof traceStep>;

export const boundPort = z.object({
  protocol: z.int(),
  hostIp: z.string(),
  hostPort: z.int(),
  containerPort: z.int(),
});

export const containerState = z.object({
  status: z.enum(['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']),
  pid: z.int(),
  exitCode: z.int(),
  error: z.string(),
  startedAt: z.string(),
  finishedAt: z.string(),
  oomKilled: z.boolean(),
  restartCount: z.int(),
  /** `stop` or `kill` asked for its end: `unless-stopped` keeps it down. */
  stoppedByUser: z.boolean(),
  ports: z.array(boundPort),
  /** The process user's ids as the container has them. */
  uid: z.int(),
  gid: z.int(),
  trace: z.array(traceStep),
});
export type ContainerState = z.output<typeof containerState>;
