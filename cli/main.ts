import { dispatch } from './dispatch';

/** The `berth` command line. Everything else is loaded when a verb needs it. */
void dispatch(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
