/** What a container cannot do without; asked of the warden once, told before anything is made. */
import { EngineError } from '../error';
import type { Hello } from '../warden/verbs';

const needed = ['userns', 'idmap', 'overlay-fd'];

/** @throws EngineError 500 `kernel-feature-missing` in the warden's own sentences */
export function checkKernel(hello: Hello | undefined): void {
  if (hello === undefined || needed.every((feature) => hello.features.includes(feature))) return;
  throw new EngineError(
    500,
    'kernel-feature-missing',
    `containers cannot run on this machine. ${hello.missing.map((sentence) => sentence.replace(/\.?$/, '.')).join(' ')} See what is missing with: berth doctor`,
  );
}
