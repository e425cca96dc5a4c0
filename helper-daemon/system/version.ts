/** Which version the helper is, for itself and as Docker clients understand it. */
import { arch, release } from 'node:os';
import type { Version } from '../../protocol/docker';
import packageFile from '../../package.json';

export const productVersion = packageFile.version;
/** Clients compare it with Docker's numbers; what follows the plus is not compared (semantic versions). */
export const engineVersion = `28.2.2+berth${productVersion}`;
const apiVersion = '1.51';
const minApiVersion = '1.24';

const architectures: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' };
export const goArchitecture = architectures[arch()] ?? arch();

export function versionAnswer(): Version {
  const details = {
    ApiVersion: apiVersion,
    MinAPIVersion: minApiVersion,
    Os: 'linux',
    Arch: goArchitecture,
    KernelVersion: release(),
    GitCommit: 'none',
    GoVersion: 'none',
    BuildTime: '',
    Experimental: 'false',
  };
  return {
    Platform: { Name: `Berth ${productVersion}` },
    Components: [
      { Name: 'Engine', Version: engineVersion, Details: details },
      { Name: 'Berth', Version: productVersion, Details: { Node: process.version } },
    ],
    Version: engineVersion,
    ApiVersion: apiVersion,
    MinAPIVersion: minApiVersion,
    GitCommit: 'none',
    GoVersion: 'none',
    Os: 'linux',
    Arch: goArchitecture,
    KernelVersion: release(),
    BuildTime: '',
  };
}
