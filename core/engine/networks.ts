import { z } from 'zod';
import * as wire from '../../protocol/docker';
import type { Abortable } from './containers';
import type { EngineHttp } from './http';
import { encodeFilters, type Filters } from './query';

export class Networks {
  constructor(private readonly http: EngineHttp) {}

  list(options: Abortable & { filters?: Filters } = {}): Promise<wire.NetworkInspect[]> {
    return this.http.json(z.array(wire.networkInspect), {
      method: 'GET',
      path: '/networks',
      query: { filters: encodeFilters(options.filters) },
      signal: options.signal,
    });
  }

  inspect(name: string, options: Abortable = {}): Promise<wire.NetworkInspect> {
    return this.http.json(wire.networkInspect, {
      method: 'GET',
      path: `/networks/${encodeURIComponent(name)}`,
      signal: options.signal,
    });
  }

  create(
    body: wire.NetworkCreate,
    options: Abortable = {},
  ): Promise<{ Id: string; Warning?: string | undefined }> {
    return this.http.json(z.object({ Id: z.string(), Warning: z.string().optional() }), {
      method: 'POST',
      path: '/networks/create',
      body,
      signal: options.signal,
    });
  }

  async remove(name: string, options: Abortable = {}): Promise<void> {
    await this.http.done({
      method: 'DELETE',
      path: `/networks/${encodeURIComponent(name)}`,
      signal: options.signal,
    });
  }

  async connect(name: string, body: wire.NetworkConnect, options: Abortable = {}): Promise<void> {
    await this.http.done({
      method: 'POST',
      path: `/networks/${encodeURIComponent(name)}/connect`,
      body,
      signal: options.signal,
    });
  }

  async disconnect(name: string, body: wire.NetworkDisconnect, options: Abortable = {}): Promise<void> {
    await this.http.done({
      method: 'POST',
      path: `/networks/${encodeURIComponent(name)}/disconnect`,
      body,
      signal: options.signal,
    });
  }

  prune(
    options: Abortable & { filters?: Filters } = {},
  ): Promise<{ NetworksDeleted?: string[] | null | undefined }> {
    return this.http.json(z.object({ NetworksDeleted: z.array(z.string()).nullish() }), {
      method: 'POST',
      path: '/networks/prune',
      query: { filters: encodeFilters(options.filters) },
      signal: options.signal,
    });
  }
}
