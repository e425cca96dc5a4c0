import type { Command } from './command';

export interface VerbEntry {
  readonly kind: 'verb';
  readonly summary: string;
  /** An alias that the help does not list. */
  readonly hidden?: boolean;
  load(): Promise<Command>;
}

export interface GroupEntry {
  readonly kind: 'group';
  readonly summary: string;
  readonly hidden?: boolean;
  readonly verbs: Readonly<Record<string, TableEntry>>;
}

export type TableEntry = VerbEntry | GroupEntry;

const verb = (summary: string, load: () => Promise<Command>): VerbEntry => ({ kind: 'verb', summary, load });
const alias = (entry: VerbEntry): VerbEntry => ({ ...entry, hidden: true });
const group = (summary: string, verbs: Readonly<Record<string, VerbEntry>>): GroupEntry => ({
  kind: 'group',
  summary,
  verbs,
});

/*
 * One row a verb. The modules are in the one bundle, yet each is evaluated only when its verb is used ("eager": no file of its own),
 * which keeps `berth ps` from paying for `berth run`.
 */
const containers = {
  run: verb(
    'Create and run a new container from an image',
    async () => (await import(/* webpackMode: "eager" */ './commands/run')).run,
  ),
  create: verb(
    'Create a new container',
    async () => (await import(/* webpackMode: "eager" */ './commands/create')).create,
  ),
  start: verb(
    'Start one or more stopped containers',
    async () => (await import(/* webpackMode: "eager" */ './commands/start')).start,
  ),
  stop: verb(
    'Stop one or more running containers',
    async () => (await import(/* webpackMode: "eager" */ './commands/lifecycle')).stop,
  ),
  restart: verb(
    'Restart one or more containers',
    async () => (await import(/* webpackMode: "eager" */ './commands/lifecycle')).restart,
  ),
  kill: verb(
    'Kill one or more running containers',
    async () => (await import(/* webpackMode: "eager" */ './commands/lifecycle')).kill,
  ),
  pause: verb(
    'Pause all processes within one or more containers',
    async () => (await import(/* webpackMode: "eager" */ './commands/lifecycle')).pause,
  ),
  unpause: verb(
    'Unpause all processes within one or more containers',
    async () => (await import(/* webpackMode: "eager" */ './commands/lifecycle')).unpause,
  ),
  rm: verb(
    'Remove one or more containers',
    async () => (await import(/* webpackMode: "eager" */ './commands/lifecycle')).rm,
  ),
  rename: verb(
    'Rename a container',
    async () => (await import(/* webpackMode: "eager" */ './commands/lifecycle')).rename,
  ),
  update: verb(
    'Update the limits of one or more containers',
    async () => (await import(/* webpackMode: "eager" */ './commands/update')).update,
  ),
  wait: verb(
    'Block until containers stop, then print their exit codes',
    async () => (await import(/* webpackMode: "eager" */ './commands/lifecycle')).wait,
  ),
  attach: verb(
    'Attach local standard streams to a running container',
    async () => (await import(/* webpackMode: "eager" */ './commands/attach')).attach,
  ),
  exec: verb(
    'Execute a command in a running container',
    async () => (await import(/* webpackMode: "eager" */ './commands/exec')).exec,
  ),
  logs: verb(
    'Fetch the logs of a container',
    async () => (await import(/* webpackMode: "eager" */ './commands/logs')).logs,
  ),
  top: verb(
    'Display the running processes of a container',
    async () => (await import(/* webpackMode: "eager" */ './commands/top')).top,
  ),
  stats: verb(
    "Display a live stream of containers' resource usage",
    async () => (await import(/* webpackMode: "eager" */ './commands/stats')).stats,
  ),
  port: verb(
    'List port mappings of a container',
    async () => (await import(/* webpackMode: "eager" */ './commands/port')).port,
  ),
};
const ps = verb('List containers', async () => (await import(/* webpackMode: "eager" */ './commands/ps')).ps);
const inspect = verb(
  'Return low-level information on containers, images, networks and volumes',
  async () => (await import(/* webpackMode: "eager" */ './commands/inspect')).inspect,
);
const inspectOf = (kind: 'container' | 'image' | 'network' | 'volume') =>
  verb(`Display detailed information on one or more ${kind}s`, async () =>
    (await import(/* webpackMode: "eager" */ './commands/inspect')).inspectOf(kind),
  );
const prune = (kind: 'container' | 'image' | 'network' | 'volume' | 'system', summary: string) =>
  verb(summary, async () => (await import(/* webpackMode: "eager" */ './commands/prune')).pruneOf(kind));

const images = {
  pull: verb(
    'Download an image from a registry',
    async () => (await import(/* webpackMode: "eager" */ './commands/pull')).pull,
  ),
  images: verb(
    'List images',
    async () => (await import(/* webpackMode: "eager" */ './commands/images')).images,
  ),
  rmi: verb(
    'Remove one or more images',
    async () => (await import(/* webpackMode: "eager" */ './commands/rmi')).rmi,
  ),
  tag: verb(
    'Create a tag that refers to an image',
    async () => (await import(/* webpackMode: "eager" */ './commands/tag')).tag,
  ),
  history: verb(
    'Show the history of an image',
    async () => (await import(/* webpackMode: "eager" */ './commands/history')).history,
  ),
  import: verb(
    'Import the contents of a tar archive as an image',
    async () => (await import(/* webpackMode: "eager" */ './commands/import')).importImage,
  ),
};
const system = {
  info: verb(
    'Display system-wide information',
    async () => (await import(/* webpackMode: "eager" */ './commands/info')).info,
  ),
  events: verb(
    'Get real-time events from the helper',
    async () => (await import(/* webpackMode: "eager" */ './commands/events')).events,
  ),
  df: verb(
    'Show disk usage',
    async () => (await import(/* webpackMode: "eager" */ './commands/disk-usage')).diskUsage,
  ),
};

const environments = {
  up: verb(
    'Open a folder inside a container made from its devcontainer.json',
    async () => (await import(/* webpackMode: "eager" */ './commands/up')).up,
  ),
  down: verb(
    'Stop the container of a folder',
    async () => (await import(/* webpackMode: "eager" */ './commands/down')).down,
  ),
  own: verb(
    'Give the files that other users of a container made in a folder to you',
    async () => (await import(/* webpackMode: "eager" */ './commands/down')).own,
  ),
};

/** Every verb of `berth`; the verbs of dev containers (`up`, `down`) have their place at the top. */
export const commandTable: Readonly<Record<string, TableEntry>> = {
  ...environments,
  ...containers,
  ps,
  inspect,
  ...images,
  info: system.info,
  events: system.events,
  version: verb(
    'Show the versions of client and helper',
    async () => (await import(/* webpackMode: "eager" */ './commands/version')).version,
  ),
  doctor: verb(
    'Check client, helper and kernel, and say what to do about what is wrong',
    async () => (await import(/* webpackMode: "eager" */ './commands/doctor')).doctor,
  ),
  login: verb(
    'Authenticate to a registry',
    async () => (await import(/* webpackMode: "eager" */ './commands/login')).login,
  ),
  logout: verb(
    'Log out from a registry',
    async () => (await import(/* webpackMode: "eager" */ './commands/login')).logout,
  ),
  container: group('Manage containers', {
    ...containers,
    ls: ps,
    ps: alias(ps),
    list: alias(ps),
    inspect: inspectOf('container'),
    prune: prune('container', 'Remove all stopped containers'),
  }),
  image: group('Manage images', {
    pull: images.pull,
    ls: images.images,
    list: alias(images.images),
    rm: images.rmi,
    remove: alias(images.rmi),
    tag: images.tag,
    history: images.history,
    import: images.import,
    inspect: inspectOf('image'),
    prune: prune('image', 'Remove unused images'),
  }),
  network: group('Manage networks', {
    ls: verb(
      'List networks',
      async () => (await import(/* webpackMode: "eager" */ './commands/network')).networkList,
    ),
    create: verb(
      'Create a network',
      async () => (await import(/* webpackMode: "eager" */ './commands/network')).networkCreate,
    ),
    rm: verb(
      'Remove one or more networks',
      async () => (await import(/* webpackMode: "eager" */ './commands/network')).networkRemove,
    ),
    connect: verb(
      'Connect a container to a network',
      async () => (await import(/* webpackMode: "eager" */ './commands/network')).networkConnect,
    ),
    disconnect: verb(
      'Disconnect a container from a network',
      async () => (await import(/* webpackMode: "eager" */ './commands/network')).networkDisconnect,
    ),
    inspect: inspectOf('network'),
    prune: prune('network', 'Remove all unused networks'),
  }),
  volume: group('Manage volumes', {
    ls: verb(
      'List volumes',
      async () => (await import(/* webpackMode: "eager" */ './commands/volume')).volumeList,
    ),
    create: verb(
      'Create a volume',
      async () => (await import(/* webpackMode: "eager" */ './commands/volume')).volumeCreate,
    ),
    rm: verb(
      'Remove one or more volumes',
      async () => (await import(/* webpackMode: "eager" */ './commands/volume')).volumeRemove,
    ),
    inspect: inspectOf('volume'),
    prune: prune('volume', 'Remove unused local volumes'),
  }),
  system: group('Manage Berth', { ...system, prune: prune('system', 'Remove unused data') }),
};

/** How the overview groups the verbs that people use most; what is in no section comes after them. */
export const sections: readonly (readonly [string, readonly string[]])[] = [
  ['Environments', ['up', 'down', 'own']],
  [
    'Common Commands',
    [
      'run',
      'exec',
      'ps',
      'pull',
      'images',
      'logs',
      'stop',
      'rm',
      'login',
      'logout',
      'version',
      'info',
      'doctor',
    ],
  ],
];
