import type { FlagValues } from '../command-line/flag';
import type { createFlags } from './flags';

/** What the flags of `run` and `create` hold after parsing. */
export type CreateValues = FlagValues<typeof createFlags>;
