import { expect, it } from 'vitest';
import type { Environment } from '../../../../core/devcontainer/open-environment';
import { firstAvailable } from '../../../../core/editor/way-in';
import type { WayIn } from '../../../../core/editor/way-in';

const way = (id: WayIn['id'], why?: string): WayIn => ({
  id,
  available: () => Promise.resolve(why === undefined ? { available: true } : { available: false, why }),
  open: () => Promise.resolve({ url: id }),
});
const environment = {} as Environment;

it('takes the first way that works, and says why not the ones before it', async () => {
  const browser = way('browser');
  const ways = [way('resolver', 'not enabled'), way('ssh', 'no extension'), browser, way('files')];
  expect(await firstAvailable(ways, environment)).toEqual({
    way: browser,
    reasons: ['resolver: not enabled', 'ssh: no extension'],
  });
  expect(await firstAvailable([way('ssh', 'no')], environment)).toEqual({
    way: undefined,
    reasons: ['ssh: no'],
  });
});
