import type { ContainerInspect, ImageInspect, ImageSummary } from '../../protocol/docker';
import type { ApiMinor } from './api-version';

/** What answers look like to clients of older API versions (moby's api/docs/CHANGELOG.md): the one table of such differences. */

/** Below 1.51 `Containers` is not a count, below 1.44 there is `VirtualSize`, below 1.43 an untagged image has a tag. */
export function imageSummaryFor(api: ApiMinor, image: ImageSummary): object {
  const untagged = api < 43 && image.RepoTags.length === 0;
  return {
    ...image,
    ...(api < 51 ? { Containers: -1 } : {}),
    ...(api < 44 ? { VirtualSize: image.Size } : {}),
    ...(untagged ? { RepoTags: ['<none>:<none>'] } : {}),
    ...(untagged && image.RepoDigests.length === 0 ? { RepoDigests: ['<none>@<none>'] } : {}),
  };
}

export function imageInspectFor(api: ApiMinor, image: ImageInspect): object {
  return api < 44 ? { ...image, VirtualSize: image.Size } : image;
}

/** Below 1.45 the aliases hold the short container id; compose v1 looks for it. Below 1.44 there are no `DNSNames`. */
export function containerInspectFor(api: ApiMinor, container: ContainerInspect): ContainerInspect {
  if (api >= 45) return container;
  const shortId = container.Id.slice(0, 12);
  const networks = Object.entries(container.NetworkSettings.Networks).map(([name, endpoint]) => {
    const { DNSNames: dnsNames, ...rest } = endpoint;
    const aliases = [...new Set([...(endpoint.Aliases ?? []), shortId])];
    return [name, { ...rest, Aliases: aliases, ...(api >= 44 ? { DNSNames: dnsNames } : {}) }] as const;
  });
  return {
    ...container,
    NetworkSettings: { ...container.NetworkSettings, Networks: Object.fromEntries(networks) },
  };
}
