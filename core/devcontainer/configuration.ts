import { z } from 'zod';

/** A lifecycle command: a string for `/bin/sh -c`, words to execute as they are, or several of these that run side by side. */
const Words = z.union([z.string(), z.array(z.string())]);
export const LifecycleCommand = z.union([Words, z.record(z.string(), Words)]);
export type LifecycleCommand = z.infer<typeof LifecycleCommand>;
export type CommandWords = z.infer<typeof Words>;

export const stages = [
  'onCreateCommand',
  'updateContentCommand',
  'postCreateCommand',
  'postStartCommand',
  'postAttachCommand',
] as const;
export type Stage = (typeof stages)[number];

const Mount = z.union([
  z.string(),
  z.looseObject({
    type: z.enum(['bind', 'volume', 'tmpfs']),
    source: z.string().optional(),
    target: z.string(),
  }),
]);
export type ConfiguredMount = z.infer<typeof Mount>;

const Port = z.union([
  z.int().min(0).max(65535),
  z.string().regex(/^.+:\d+$/, 'expected a port or "host:port"'),
]);
const PortAttributes = z.looseObject({ label: z.string().optional() });

/**
 * What devcontainer.json and an entry of the `devcontainer.metadata` label have in common.
 * Properties that are not named here are kept as they are.
 */
const shared = {
  onCreateCommand: LifecycleCommand.optional(),
  updateContentCommand: LifecycleCommand.optional(),
  postCreateCommand: LifecycleCommand.optional(),
  postStartCommand: LifecycleCommand.optional(),
  postAttachCommand: LifecycleCommand.optional(),
  waitFor: z.enum(['initializeCommand', ...stages]).optional(),
  customizations: z.record(z.string(), z.unknown()).optional(),
  mounts: z.array(Mount).optional(),
  containerEnv: z.record(z.string(), z.string()).optional(),
  remoteEnv: z.record(z.string(), z.string().nullable()).optional(),
  containerUser: z.string().optional(),
  remoteUser: z.string().optional(),
  userEnvProbe: z.enum(['none', 'loginShell', 'interactiveShell', 'loginInteractiveShell']).optional(),
  init: z.boolean().optional(),
  privileged: z.boolean().optional(),
  capAdd: z.array(z.string()).optional(),
  securityOpt: z.array(z.string()).optional(),
  overrideCommand: z.boolean().optional(),
  portsAttributes: z.record(z.string(), PortAttributes).optional(),
  otherPortsAttributes: PortAttributes.optional(),
  forwardPorts: z.array(Port).optional(),
  shutdownAction: z.enum(['none', 'stopContainer', 'stopCompose']).optional(),
  updateRemoteUserUID: z.boolean().optional(),
  hostRequirements: z.record(z.string(), z.unknown()).optional(),
};

/** One entry of the `devcontainer.metadata` label. `entrypoint` and `id` come from Features. */
export const MetadataEntry = z.looseObject({
  id: z.string().optional(),
  entrypoint: z.string().optional(),
  ...shared,
});
export type MetadataEntry = z.infer<typeof MetadataEntry>;

export const Configuration = z.looseObject({
  name: z.string().optional(),
  image: z.string().optional(),
  workspaceFolder: z.string().optional(),
  workspaceMount: z.string().optional(),
  runArgs: z.array(z.string()).optional(),
  appPort: z.union([z.int(), z.string(), z.array(z.union([z.int(), z.string()]))]).optional(),
  initializeCommand: LifecycleCommand.optional(),
  ...shared,
});
export type Configuration = z.infer<typeof Configuration>;

/** The properties of a configuration that go into its metadata entry, in the reference CLI's order. */
export const metadataProperties = [
  ...stages,
  'waitFor',
  'customizations',
  'mounts',
  'containerEnv',
  'containerUser',
  'init',
  'privileged',
  'capAdd',
  'securityOpt',
  'remoteUser',
  'userEnvProbe',
  'remoteEnv',
  'overrideCommand',
  'portsAttributes',
  'otherPortsAttributes',
  'forwardPorts',
  'shutdownAction',
  'updateRemoteUserUID',
  'hostRequirements',
] as const;
