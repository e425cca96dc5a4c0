/** The filters of `docker ps`: values of one key are alternatives, labels must all match. */
import type { Filters } from '../api/services';
import { EngineError } from '../error';
import type { Container } from './container';
import { matchesLabels } from './label-filter';
import { parsePort } from './port-spec';
import { parseRfc3339 } from '../clock';

type Match = (container: Container, value: string) => boolean;

const port =
  (of: (container: Container) => readonly string[]): Match =>
  (container, value) => {
    const wanted = parsePort(value);
    return of(container).some((each) => {
      const has = parsePort(each);
      return has.port === wanted.port && has.protocol === wanted.protocol;
    });
  };

const keys: Readonly<Record<string, Match>> = {
  id: (container, value) => container.id.startsWith(value),
  name: (container, value) => nameMatches(container.record.name, value),
  status: (container, value) => container.state.status === value,
  exited: (container, value) =>
    container.state.status === 'exited' && container.state.exitCode === Number(value),
  ancestor: (container, value) => {
    const image = container.record.config.Image ?? '';
    const { imageId } = container.record;
    return (
      image === value ||
      image === `${value}:latest` ||
      `${image}:latest` === value ||
      imageId === value ||
      (value.length >= 4 && imageId.replace('sha256:', '').startsWith(value.replace('sha256:', '')))
    );
  },
  volume: (container, value) =>
    container.record.mounts.some((mount) => [mount.name, mount.target, mount.source].includes(value)),
  network: (container, value) => container.record.network === value,
  publish: port((container) =>
    container.state.ports.map((each) => `${each.containerPort}/${each.protocol === 17 ? 'udp' : 'tcp'}`),
  ),
  expose: port((container) => Object.keys(container.record.config.ExposedPorts ?? {})),
  health: (_container, value) => value === 'none',
  isolation: (_container, value) => value === 'default',
  'is-task': (_container, value) => ['false', '0'].includes(value),
};

/** Docker takes a regular expression; a name with a slash in front is meant whole. */
function nameMatches(name: string, pattern: string): boolean {
  try {
    return new RegExp(pattern).test(`/${name}`) || new RegExp(pattern).test(name);
  } catch (error) {
    throw new EngineError(
      400,
      'bad-filter',
      `invalid filter 'name=${pattern}': it is not a regular expression`,
      { cause: error },
    );
  }
}

/** @param position a container's place in time, for `before` and `since`: looks another one up. @throws EngineError 400 for an unknown key */
export function matchesContainer(
  container: Container,
  filters: Filters,
  find: (reference: string) => Container,
): boolean {
  const created = parseRfc3339(container.record.created);
  for (const [key, values] of filters) {
    if (key === 'label') {
      if (!matchesLabels(container.record.config.Labels ?? {}, values)) return false;
    } else if (key === 'before') {
      if (!values.every((value) => created < parseRfc3339(find(value).record.created))) return false;
    } else if (key === 'since') {
      if (!values.every((value) => created > parseRfc3339(find(value).record.created))) return false;
    } else {
      const match = keys[key];
      if (match === undefined) throw new EngineError(400, 'bad-filter', `invalid filter '${key}'`);
      if (values.length > 0 && !values.some((value) => match(container, value))) return false;
    }
  }
  return true;
}
