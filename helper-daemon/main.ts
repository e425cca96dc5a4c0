/** `berthd`: puts the parts together, in the order in which they need each other. */
import { chmodSync, mkdirSync } from 'node:fs';
import { arch } from 'node:os';
import { dirname, join } from 'node:path';
import { identifyPeer } from './api/caller';
import { createApiServer } from './api/server';
import type { ApiServer } from './api/server';
import { nowNs } from './clock';
import { readSettings, usage } from './config';
import type { Settings } from './config';
import { ContainerStore } from './containers/container-store';
import { dnsNames } from './containers/container-view';
import { Containers } from './containers/container-service';
import { Creation } from './containers/creation';
import { ExecRegistry } from './containers/exec-registry';
import { Instance } from './containers/instance';
import { Lifecycle } from './containers/lifecycle';
import { recover } from './containers/recovery';
import { ContainerRegistry } from './containers/registry';
import { imageMigrations } from './images/image-tables';
import { everybody } from './images/scope';
import { createImageService } from './images/service';
import { createLog } from './log';
import type { Log } from './log';
import { parseBlock } from './networks/ipv4';
import { NetworkApi } from './networks/network-service';
import { NetworkStore } from './networks/network-store';
import { Networks } from './networks/networks';
import { groupId } from './policy/administrators';
import { IdRanges } from './policy/id-ranges';
import { Database } from './storage/database';
import { directoryLayers } from './storage/directory-layers';
import { engineMigrations } from './storage/engine-tables';
import { EventBus } from './system/event-bus';
import { System, machineId } from './system/system-service';
import { engineVersion, productVersion } from './system/version';
import { Volumes } from './volumes/volumes';
import { VolumeStore } from './volumes/volume-store';
import { addon } from './warden/addon';
import { WardenProcess } from './warden/warden-process';

interface Daemon {
  stop(): Promise<void>;
}

/** Where the bundle lies tells where everything else of the package is. */
const packageDirectory = dirname(__dirname);

/** One helper for one root directory. @throws Error that says who has it */
function lockRoot(root: string): void {
  try {
    addon.flock(join(root, 'lock'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EWOULDBLOCK') {
      throw new Error(
        `Another helper already uses ${root}. Stop it first, or choose another directory with --root.`,
        { cause: error },
      );
    }
    throw error;
  }
}

function makeDirectories(settings: Settings): void {
  const { root, run } = settings;
  mkdirSync(root, { recursive: true, mode: 0o700 });
  chmodSync(root, 0o700);
  for (const name of ['containers', 'volumes', 'layers'])
    mkdirSync(join(root, name), { recursive: true, mode: 0o700 });
  mkdirSync(run, { recursive: true, mode: 0o755 });
  chmodSync(run, 0o755);
  mkdirSync(join(run, 'm'), { recursive: true, mode: 0o700 });
  mkdirSync(dirname(settings.socket), { recursive: true, mode: 0o755 });
}

function seccompArchitecture(): 'x64' | 'arm64' {
  const name = arch();
  if (name === 'x64' || name === 'arm64') return name;
  throw new Error(`Berth runs on x86-64 and arm64, not on ${name}.`);
}

async function start(settings: Settings, log: Log): Promise<Daemon> {
  const { config, root, run } = settings;
  const startedAtNs = nowNs();
  const architecture = seccompArchitecture();
  makeDirectories(settings);
  lockRoot(root);
  const database = new Database(join(root, 'berth.db'), [...engineMigrations, ...imageMigrations]);
  const wardenProcess = new WardenProcess({
    binary: join(packageDirectory, 'bin', 'berth-warden'),
    root,
    run,
    path: settings.warden,
    log,
  });
  const hello = await wardenProcess.start();
  for (const sentence of hello.missing) log.warn(sentence);
  const { warden } = wardenProcess;

  const instance = new Instance(root, run);
  const events = new EventBus();
  const registry = new ContainerRegistry();
  const store = new ContainerStore(database);
  const ranges = new IdRanges(database);
  const mountsOf = (directory: string) =>
    registry.all().filter((container) => container.record.mounts.some((mount) => mount.source === directory));
  const networks = new Networks({
    store: new NetworkStore(database),
    warden,
    root,
    run,
    pool: parseBlock(config.addressPool),
    namesOf: (id) => {
      const container = registry.get(id);
      return container === undefined ? [] : dnsNames(container);
    },
  });
  const volumes = new Volumes({
    store: new VolumeStore(database),
    warden,
    root,
    events,
    usersOf: (directory) => mountsOf(directory).map((container) => container.id),
  });
  const images = createImageService({
    root,
    database,
    trees: directoryLayers(warden),
    addon: addon,
    embedded: join(packageDirectory, 'images'),
    imageInUse: (imageId) =>
      registry
        .all()
        .filter((container) => container.record.imageId === imageId)
        .map((container) => ({
          id: container.id,
          running: container.alive,
          ownerUid: container.record.ownerUid,
        })),
    announce: (action, imageId, name, scope) => {
      events.emit(scope === everybody ? undefined : scope, 'image', action, imageId, { name });
    },
    log,
    certificates: config.registryCertificates,
  });
  await images.start();
  const lifecycle = new Lifecycle({
    instance,
    warden,
    registry,
    store,
    networks,
    volumes,
    ranges,
    events,
    log,
    containerLog: config.containerLog,
    architecture,
    maxProcesses: config.quotas.processes,
    collectImages: () => images.collect(),
  });
  const creation = new Creation({
    instance,
    warden,
    images,
    registry,
    store,
    networks,
    volumes,
    lifecycle,
    hello: () => wardenProcess.hello,
    maxContainers: config.quotas.containers,
  });
  const execs = new ExecRegistry(registry, lifecycle);
  const containers = new Containers({
    instance,
    warden,
    registry,
    store,
    networks,
    ranges,
    lifecycle,
    creation,
    execs,
    maxProcesses: config.quotas.processes,
  });
  const networkApi = new NetworkApi({
    networks,
    events,
    startedAtNs,
    containerName: (id) => registry.get(id)?.record.name,
    usersOf: (ownerUid, network) =>
      registry
        .all()
        .filter(({ record }) => record.ownerUid === ownerUid && record.network === network)
        .map((container) => container.id),
  });
  const system = new System({
    id: machineId(),
    root,
    warden,
    hello: () => wardenProcess.hello,
    registry,
    containers,
    images,
    volumes,
    events,
    debug: settings.logLevel === 'debug',
  });
  await recover({ instance, warden, store, registry, lifecycle, log });

  const adminGid = groupId(config.adminGroup);
  const server: ApiServer = createApiServer({
    services: { containers, images, networks: networkApi, volumes, system, events },
    identify: (socket) => identifyPeer(socket, (fd) => addon.peerCredentials(fd), adminGid),
    engineVersion,
    log,
  });
  await server.listen(settings.socket);
  log.info('The helper is ready.', {
    version: productVersion,
    socket: settings.socket,
    root,
    milliseconds: Math.round(Number(nowNs() - startedAtNs) / 1e6),
  });

  return {
    async stop() {
      await server.close();
      lifecycle.close();
      await networks.removeIdleBridges();
      await images.close();
      await wardenProcess.stop();
      database.close();
    },
  };
}

async function main(): Promise<void> {
  const write = (line: string) => {
    process.stderr.write(line);
  };
  if (process.argv.slice(2).some((word) => word === '--help' || word === '-h')) {
    process.stdout.write(`${usage}\n`);
    return;
  }
  let settings: Settings;
  try {
    settings = readSettings(process.argv.slice(2));
  } catch (error) {
    write(`berthd: ${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
    process.exitCode = 2;
    return;
  }
  const log = createLog('berthd', settings.logLevel, write);
  if (process.getuid?.() !== 0) {
    log.error(
      'The helper must be started by root: it makes namespaces, mounts and control groups. Use sudo, or its system service.',
    );
    process.exitCode = 1;
    return;
  }
  try {
    const daemon = await start(settings, log);
    let stopping = false;
    const stop = (signal: string) => {
      if (stopping) return;
      stopping = true;
      log.info('The helper stops; containers go on.', { signal });
      daemon.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error('The helper did not stop cleanly.', { error: String(error) });
          process.exit(1);
        },
      );
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
  } catch (error) {
    log.error(error instanceof Error ? error.message : String(error), {
      stack: error instanceof Error ? error.stack : undefined,
    });
    process.exit(1);
  }
}

void main();
