import type { Exchange } from './exchange';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE';
export type Handler = (exchange: Exchange) => Promise<void> | void;

/**
 * One endpoint. In the pattern `{id}` is one segment and `{name*}` any number of them, for image names, which clients do
 * not escape. `upgrade` marks those that may take over the connection.
 */
export interface Route {
  readonly method: Method;
  readonly pattern: string;
  readonly handler: Handler;
  readonly upgrade?: boolean;
}

export interface Match {
  readonly route: Route;
  readonly params: ReadonlyMap<string, string>;
}

const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

function compile(pattern: string): RegExp {
  const parts = pattern.split(/(\{[a-z]+\*?\})/);
  const source = parts.map((part) => {
    const name = /^\{([a-z]+)(\*?)\}$/.exec(part);
    return name === null ? escape(part) : `(?<${String(name[1])}>${name[2] === '*' ? '.+' : '[^/]+'})`;
  });
  return new RegExp(`^${source.join('')}$`);
}

/** Finds the endpoint of a path; the first that fits, in the order of the table. */
export class Router {
  private readonly table = new Map<string, { expression: RegExp; route: Route }[]>();

  constructor(routes: readonly Route[]) {
    for (const route of routes) {
      const list = this.table.get(route.method) ?? [];
      list.push({ expression: compile(route.pattern), route });
      this.table.set(route.method, list);
    }
  }

  /** @param path decoded and without the version */
  find(method: string, path: string): Match | undefined {
    for (const { expression, route } of this.table.get(method) ?? []) {
      const match = expression.exec(path);
      if (match !== null) return { route, params: new Map(Object.entries(match.groups ?? {})) };
    }
    return undefined;
  }
}
