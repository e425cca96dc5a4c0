/** Ways into a running container: connections to its servers, and ports of the host that lead there. */
import type { Duplex } from 'node:stream';
import type { PublishRequest, PublishedPort } from '../../protocol/docker';
import type { Caller } from '../api/services';
import { EngineError } from '../error';
import { judgePublishRequest } from '../policy/policy';
import { protocolNumber } from '../warden/launch-plan';
import { WardenError } from '../warden/warden-error';
import { notRunning } from './container';
import type { Container } from './container';
import type { ContainerStore } from './container-store';
import { protocolName } from './port-spec';

/** @throws EngineError 404 when nobody listens there */
export async function connectInto(
  container: Container,
  target: { port: number } | { path: string },
): Promise<Duplex> {
  container.requireAlive();
  try {
    return await container.monitor.connect(target);
  } catch (error) {
    if (!(error instanceof WardenError)) throw error;
    const what = 'port' in target ? `port ${target.port}` : target.path;
    throw new EngineError(
      error.code === 'ECONNREFUSED' || error.code === 'ENOENT' ? 404 : 500,
      'connect-failed',
      `cannot connect to ${what} in container ${container.record.name}: ${error.message}. Is the server running?`,
      { cause: error },
    );
  }
}

/** @throws EngineError 403 by policy, 409 for a port in use */
export async function publishPort(
  caller: Caller,
  container: Container,
  port: PublishRequest,
  store: ContainerStore,
): Promise<PublishedPort> {
  container.requireAlive();
  const protocol = protocolNumber[port.Proto ?? 'tcp'];
  const hostIp = judgePublishRequest(caller, port.HostIp, port.HostPort);
  const wanted = { protocol, hostIp, hostPort: port.HostPort, containerPort: port.ContainerPort };
  const hostPort = await asked(container, () => container.monitor.publish(wanted));
  container.state = { ...container.state, ports: [...container.state.ports, { ...wanted, hostPort }] };
  store.saveState(container.id, container.state, 'relaxed');
  return {
    Proto: protocolName(protocol),
    HostIp: hostIp,
    HostPort: hostPort,
    ContainerPort: port.ContainerPort,
  };
}

export async function unpublishPort(
  container: Container,
  port: PublishedPort,
  store: ContainerStore,
): Promise<void> {
  container.requireAlive();
  const protocol = protocolNumber[port.Proto];
  await asked(container, () =>
    container.monitor.unpublish({ protocol, hostIp: port.HostIp, hostPort: port.HostPort }),
  );
  const ports = container.state.ports.filter(
    (each) => each.protocol !== protocol || each.hostIp !== port.HostIp || each.hostPort !== port.HostPort,
  );
  container.state = { ...container.state, ports };
  store.saveState(container.id, container.state, 'relaxed');
}

async function asked<T>(container: Container, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof WardenError)) throw error;
    if (error.code === 'not-running') throw notRunning(container);
    throw new EngineError(error.code === 'port-in-use' ? 409 : 500, error.code, error.message, {
      cause: error,
    });
  }
}
