/** `docker update`: which of a request's fields change anything. */
import type { ContainerUpdate, HostConfig } from '../../protocol/docker';

/** Clients send every field; zero, empty and absent mean unchanged. */
export function updatedHostConfig(
  host: HostConfig,
  body: ContainerUpdate,
): { hostConfig: HostConfig; limitsChanged: boolean } {
  const { RestartPolicy: policy, ...resources } = body;
  const changed = Object.entries(resources).filter(
    ([, value]) => value !== undefined && value !== 0 && value !== '' && value !== false,
  );
  const renewed = policy?.Name === undefined || policy.Name === '' ? {} : { RestartPolicy: policy };
  return {
    hostConfig: { ...host, ...Object.fromEntries(changed), ...renewed },
    limitsChanged: changed.length > 0,
  };
}
