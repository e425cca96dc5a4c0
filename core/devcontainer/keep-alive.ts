/**
 * What a dev container runs as its first process. The reference CLI's script, with two changes: it wakes up once a
 * day instead of every second, and where there is no `sleep` it waits at its standard input, which Berth keeps open,
 * so that an image with nothing but /bin/sh will do. The trap makes SIGTERM work: as the first process of its
 * namespace a shell without a handler would ignore it.
 */
export function keepAliveCommand(
  featureEntrypoints: readonly string[],
  imageCommand: readonly string[] | undefined,
): { Entrypoint: string[]; Cmd: string[] } {
  const script = [
    'echo Container started',
    'trap "exit 0" 15',
    ...featureEntrypoints,
    'exec "$@"',
    'if command -v sleep >/dev/null; then while sleep 86400 & wait $!; do :; done; fi',
    'while read -r line; do :; done',
  ].join('\n');
  return { Entrypoint: ['/bin/sh'], Cmd: ['-c', script, '-', ...(imageCommand ?? [])] };
}
