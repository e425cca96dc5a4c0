import { z } from 'zod';
import * as wire from '../../protocol/docker';
import type { Abortable } from './containers';
import type { EngineHttp } from './http';
import { encodeFilters, type Filters } from './query';

export class Volumes {
  constructor(private readonly http: EngineHttp) {}

  list(options: Abortable & { filters?: Filters } = {}): Promise<wire.VolumeList> {
    return this.http.json(wire.volumeList, {
      method: 'GET',
      path: '/volumes',
      query: { filters: encodeFilters(options.filters) },
      signal: options.signal,
    });
  }

  create(body: wire.VolumeCreate, options: Abortable = {}): Promise<wire.VolumeInspect> {
    return this.http.json(wire.volumeInspect, {
      method: 'POST',
      path: '/volumes/create',
      body,
      signal: options.signal,
    });
  }

  inspect(name: string, options: Abortable = {}): Promise<wire.VolumeInspect> {
    return this.http.json(wire.volumeInspect, {
      method: 'GET',
      path: `/volumes/${encodeURIComponent(name)}`,
      signal: options.signal,
    });
  }

  async remove(name: string, options: Abortable & { force?: boolean } = {}): Promise<void> {
    await this.http.done({
      method: 'DELETE',
      path: `/volumes/${encodeURIComponent(name)}`,
      query: { force: options.force },
      signal: options.signal,
    });
  }

  prune(
    options: Abortable & { filters?: Filters } = {},
  ): Promise<{ VolumesDeleted?: string[] | null | undefined; SpaceReclaimed: number }> {
    return this.http.json(
      z.object({ VolumesDeleted: z.array(z.string()).nullish(), SpaceReclaimed: z.number() }),
      {
        method: 'POST',
        path: '/volumes/prune',
        query: { filters: encodeFilters(options.filters) },
        signal: options.signal,
      },
    );
  }
}
