import { dispatch } from './dispatch';

// For this process alone (the launcher sets it), not for the programs that it starts.
delete process.env['NODE_COMPILE_CACHE'];

/** The `berth` command line. Everything else is loaded when a verb needs it. */
void dispatch(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
