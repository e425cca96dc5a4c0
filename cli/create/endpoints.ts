import type { ContainerCreate, EndpointSettings } from '../../protocol/docker';
import { networkName } from './host-config';
import type { CreateValues } from './values';

/** The container's place in each of its networks; nothing for the default network without wishes. */
export function endpointsOf(flags: CreateValues): Pick<ContainerCreate, 'NetworkingConfig'> {
  const networks = [...flags.network, ...flags.net];
  const wishes: EndpointSettings = {
    ...(flags['network-alias'].length === 0 ? {} : { Aliases: [...flags['network-alias']] }),
    ...(flags['mac-address'] === undefined ? {} : { MacAddress: flags['mac-address'] }),
    ...(flags.ip === undefined && flags.ip6 === undefined
      ? {}
      : { IPAMConfig: { IPv4Address: flags.ip, IPv6Address: flags.ip6 } }),
  };
  if (networks.length === 0 && Object.keys(wishes).length === 0) return {};
  const names = networks.length === 0 ? ['default'] : networks;
  const entries = names.map((text, index) => {
    const aliases = [...text.matchAll(/(?:^|,)alias=([^,]*)/g)].map((match) => match[1] ?? '');
    const own = index === 0 ? wishes : {};
    const all = [...(own.Aliases ?? []), ...aliases];
    return [networkName(text), { ...own, ...(all.length === 0 ? {} : { Aliases: all }) }] as const;
  });
  return { NetworkingConfig: { EndpointsConfig: Object.fromEntries(entries) } };
}
