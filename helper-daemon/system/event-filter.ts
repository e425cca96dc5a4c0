/** Docker's filters on events: values of one key are alternatives, labels must all match. */
import type { EventMessage } from '../../protocol/docker';
import type { Filters } from '../api/services';
import { matchesLabels } from '../containers/label-filter';
import { EngineError } from '../error';

type Match = (event: EventMessage, value: string) => boolean;

const ofType =
  (type: string): Match =>
  (event, value) =>
    event.Type === type &&
    (event.Actor.ID === value ||
      event.Actor.ID.startsWith(value) ||
      event.Actor.Attributes['name'] === value);

const keys: Readonly<Record<string, Match>> = {
  type: (event, value) => event.Type === value,
  event: (event, value) => event.Action === value || event.Action.startsWith(`${value}:`),
  container: ofType('container'),
  volume: ofType('volume'),
  network: ofType('network'),
  image: (event, value) =>
    [event.Actor.ID, event.Actor.Attributes['name'], event.Actor.Attributes['image'], event.from].includes(
      value,
    ),
  scope: (event, value) => event.scope === value,
  daemon: (event) => event.Type === 'daemon',
};

/** @throws EngineError 400 for a key that Docker does not have */
export function matchesEvent(event: EventMessage, filters: Filters): boolean {
  for (const [key, values] of filters) {
    if (key === 'label') {
      if (!matchesLabels(event.Actor.Attributes, values)) return false;
      continue;
    }
    const match = keys[key];
    if (match === undefined) throw new EngineError(400, 'bad-filter', `invalid filter '${key}'`);
    if (values.length > 0 && !values.some((value) => match(event, value))) return false;
  }
  return true;
}
