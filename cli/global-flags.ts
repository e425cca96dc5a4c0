import { text, toggle } from './command-line/flag';

/** Flags that stand before the verb. */
export const globalFlags = {
  host: text(
    'address',
    "The helper's socket (unix:///path); else $BERTH_HOST, else /run/berth/berth.sock",
    'H',
  ),
  version: toggle('Print the version and quit', 'v'),
};
