import { command } from '../command';
import { ExitError } from '../failure';

export const port = command({
  usage: 'CONTAINER [PRIVATE_PORT[/PROTO]]',
  aliases: ['container port', 'port'],
  flags: {},
  count: { min: 1, max: 2 },
  async run(context, { positional: [name = '', wanted] }) {
    const { NetworkSettings } = await context.client.containers.inspect(name, { signal: context.signal });
    const shown = (binding: { HostIp: string; HostPort: string }) =>
      `${binding.HostIp.includes(':') ? `[${binding.HostIp}]` : binding.HostIp}:${binding.HostPort}`;
    if (wanted !== undefined) {
      const key = wanted.includes('/') ? wanted : `${wanted}/tcp`;
      const bindings = NetworkSettings.Ports[key] ?? [];
      if (bindings.length === 0)
        throw new ExitError(1, `Error: No public port '${key}' published for ${name}`);
      for (const binding of bindings) context.out.write(`${shown(binding)}\n`);
      return 0;
    }
    for (const [key, bindings] of Object.entries(NetworkSettings.Ports).sort(
      ([a], [b]) => parseInt(a) - parseInt(b),
    )) {
      for (const binding of bindings ?? []) context.out.write(`${key} -> ${shown(binding)}\n`);
    }
    return 0;
  },
});
