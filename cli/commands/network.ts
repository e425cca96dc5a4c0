import type { NetworkInspect } from '../../protocol/docker';
import { command } from '../command';
import { each, list, text, toggle } from '../command-line/flag';
import { forEachName } from '../each-name';
import { gatherFilters, parseFilter } from '../filters';
import { formatHelp } from '../format/help';
import { printList, type Column } from '../format/table';
import { shortId } from '../format/units';
import { toMap } from '../grammar/environment';

const columnsOf = (whole: boolean): readonly Column<NetworkInspect>[] => [
  { name: 'ID', header: 'NETWORK ID', value: (row) => (whole ? row.Id : shortId(row.Id)) },
  { name: 'Name', header: 'NAME', value: (row) => row.Name },
  { name: 'Driver', header: 'DRIVER', value: (row) => row.Driver },
  { name: 'Scope', header: 'SCOPE', value: (row) => row.Scope },
  { name: 'IPv4', header: 'IPV4', value: (row) => String(row.EnableIPv4) },
  { name: 'IPv6', header: 'IPV6', value: (row) => String(row.EnableIPv6) },
  { name: 'Internal', header: 'INTERNAL', value: (row) => String(row.Internal) },
  { name: 'CreatedAt', header: 'CREATED AT', value: (row) => row.Created },
  {
    name: 'Labels',
    header: 'LABELS',
    value: (row) =>
      Object.entries(row.Labels)
        .map((pair) => pair.join('='))
        .join(','),
  },
];

export const networkList = command({
  usage: '[OPTIONS]',
  flags: {
    filter: each('filter', 'Provide filter values (e.g. "driver=bridge")', parseFilter, 'f'),
    format: text('string', formatHelp),
    'no-trunc': toggle('Do not truncate the output'),
    quiet: toggle('Only display network IDs', 'q'),
  },
  async run(context, { flags }) {
    const filters = gatherFilters(flags.filter);
    const rows = (await context.client.networks.list({ filters, signal: context.signal })).sort((a, b) =>
      a.Name < b.Name ? -1 : 1,
    );
    const format = flags.format ?? (flags.quiet ? '{{.ID}}' : undefined);
    printList(context.out, rows, columnsOf(flags['no-trunc']), ['ID', 'Name', 'Driver', 'Scope'], format);
    return 0;
  },
});

export const networkCreate = command({
  usage: '[OPTIONS] NETWORK',
  flags: {
    driver: text('string', 'Driver to manage the Network (default "bridge")', 'd'),
    gateway: list('IPv4 or IPv6 Gateway for the master subnet', undefined, 'strings'),
    internal: toggle('Restrict external access to the network'),
    'ip-range': list('Allocate container ip from a sub-range', undefined, 'strings'),
    label: list('Set metadata on a network'),
    opt: list('Set driver specific options', 'o', 'map'),
    subnet: list('Subnet in CIDR format that represents a network segment', undefined, 'strings'),
  },
  count: { min: 1, max: 1 },
  async run(context, { flags, positional: [name = ''] }) {
    const pools = flags.subnet.map((subnet, index) => ({
      Subnet: subnet,
      Gateway: flags.gateway[index],
      IPRange: flags['ip-range'][index],
    }));
    const { Id, Warning } = await context.client.networks.create(
      {
        Name: name,
        Driver: flags.driver ?? 'bridge',
        Internal: flags.internal,
        Labels: toMap(flags.label),
        Options: toMap(flags.opt),
        ...(pools.length === 0 ? {} : { IPAM: { Driver: 'default', Config: pools } }),
      },
      { signal: context.signal },
    );
    if (Warning !== undefined && Warning !== '') context.err.write(`WARNING: ${Warning}\n`);
    context.out.write(`${Id}\n`);
    return 0;
  },
});

export const networkRemove = command({
  usage: 'NETWORK [NETWORK...]',
  flags: { force: toggle('Do not error if the network does not exist', 'f') },
  count: { min: 1 },
  run: (context, { positional }) =>
    forEachName(context, positional, async (name) => {
      await context.client.networks.remove(name, { signal: context.signal });
      return name;
    }),
});

export const networkConnect = command({
  usage: '[OPTIONS] NETWORK CONTAINER',
  flags: {
    alias: list('Add network-scoped alias for the container', undefined, 'strings'),
    ip: text('string', 'IPv4 address (e.g., "172.30.100.104")'),
  },
  count: { min: 2, max: 2 },
  async run(context, { flags, positional: [network = '', container = ''] }) {
    const endpoint = {
      ...(flags.alias.length === 0 ? {} : { Aliases: [...flags.alias] }),
      ...(flags.ip === undefined ? {} : { IPAMConfig: { IPv4Address: flags.ip } }),
    };
    const body = { Container: container, EndpointConfig: endpoint };
    await context.client.networks.connect(network, body, { signal: context.signal });
    return 0;
  },
});

export const networkDisconnect = command({
  usage: '[OPTIONS] NETWORK CONTAINER',
  flags: { force: toggle('Force the container to disconnect from a network', 'f') },
  count: { min: 2, max: 2 },
  async run(context, { flags, positional: [network = '', container = ''] }) {
    const body = { Container: container, Force: flags.force };
    await context.client.networks.disconnect(network, body, { signal: context.signal });
    return 0;
  },
});
