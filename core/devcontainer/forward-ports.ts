import type { ContainerInspect } from '../../protocol/docker';
import type { EngineClient } from '../engine/client';
import { EngineRequestError, messageOf } from '../error';
import type { MergedConfiguration } from './metadata';
import { forwardedPort } from './port-numbers';
import type { Report } from './progress';

export interface ForwardedPort {
  readonly containerPort: number;
  readonly hostPort: number;
  /** From `portsAttributes`. */
  readonly label: string | undefined;
}

/**
 * Publishes the ports of `forwardPorts` on 127.0.0.1: under the same number where that is free and allowed, else under
 * another. What is published already stays. A port that cannot be published is told of and left out.
 */
export async function forwardPorts(
  engine: EngineClient,
  container: ContainerInspect,
  merged: MergedConfiguration,
  report: Report,
  signal: AbortSignal | undefined,
): Promise<ForwardedPort[]> {
  const forwarded: ForwardedPort[] = [];
  for (const configured of merged.forwardPorts ?? []) {
    const containerPort = forwardedPort(configured);
    if (containerPort === undefined) {
      report({ kind: 'notice', text: `Port ${configured} is another container’s and is not forwarded yet.` });
      continue;
    }
    const label = merged.portsAttributes?.[String(configured)]?.label;
    try {
      const hostPort =
        publishedAs(container, containerPort) ?? (await publish(engine, container.Id, containerPort, signal));
      forwarded.push({ containerPort, hostPort, label });
    } catch (error) {
      if (!(error instanceof EngineRequestError)) throw error;
      report({ kind: 'notice', text: `Port ${containerPort} could not be forwarded: ${messageOf(error)}` });
    }
  }
  return forwarded;
}

function publishedAs(container: ContainerInspect, port: number): number | undefined {
  const bindings = container.NetworkSettings.Ports[`${port}/tcp`] ?? [];
  const local = bindings.find(({ HostIp }) => ['127.0.0.1', '0.0.0.0', ''].includes(HostIp));
  return local === undefined ? undefined : Number(local.HostPort);
}

async function publish(
  engine: EngineClient,
  container: string,
  port: number,
  signal: AbortSignal | undefined,
): Promise<number> {
  const ask = (hostPort: number): Promise<{ HostPort: number }> =>
    engine.containers.publish(
      container,
      { ContainerPort: port, HostPort: hostPort, Proto: 'tcp' },
      { signal },
    );
  try {
    return (await ask(port)).HostPort;
  } catch (error) {
    // Taken by somebody, or below 1024 and not for this user: the helper's choice then.
    if (!(error instanceof EngineRequestError)) throw error;
    return (await ask(0)).HostPort;
  }
}
