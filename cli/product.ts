import manifest from '../package.json';

/** Of this client; the bundle carries it. */
export const clientVersion: string = manifest.version;
