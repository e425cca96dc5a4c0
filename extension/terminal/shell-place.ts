import { posix, relative, sep } from 'node:path';
import { localFolderLabel, metadataLabel } from '../../core/devcontainer/labels';
import { parseMetadataLabel } from '../../core/devcontainer/metadata';
import type * as wire from '../../protocol/docker';

/** As whom and where a shell starts; undefined: the container's own. */
export interface ShellPlace {
  readonly user: string | undefined;
  readonly workingDirectory: string | undefined;
}

/** In a dev container: its developer, in the project. In any other container: what the image says. */
export function shellPlace({ Id, Labels, Mounts }: wire.ContainerSummary): ShellPlace {
  const entries = parseMetadataLabel(Labels[metadataLabel], Id.slice(0, 12)).reverse();
  const user = entries.find(({ remoteUser = '' }) => remoteUser !== '')?.remoteUser;
  const folder = Labels[localFolderLabel];
  const mount = folder === undefined ? undefined : Mounts.find(({ Source }) => isWithin(folder, Source));
  return {
    user: user ?? entries.find(({ containerUser = '' }) => containerUser !== '')?.containerUser,
    workingDirectory:
      folder === undefined || mount === undefined
        ? undefined
        : posix.join(mount.Destination, relative(mount.Source, folder).split(sep).join('/')),
  };
}

const isWithin = (path: string, directory: string) => path === directory || path.startsWith(directory + sep);
