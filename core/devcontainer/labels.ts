/** The labels by which Berth and the reference CLI know each other's containers. */
export const metadataLabel = 'devcontainer.metadata';
export const localFolderLabel = 'devcontainer.local_folder';
export const configFileLabel = 'devcontainer.config_file';
/** Berth's own: a digest of what the container was made from, to see that the configuration has changed since. */
export const configurationDigestLabel = 'berth.configuration';

/** The identity of a dev container: an absolute folder on this machine and the absolute path of its configuration. */
export function identityLabels(localFolder: string, configFile: string): Record<string, string> {
  return { [localFolderLabel]: localFolder, [configFileLabel]: configFile };
}
