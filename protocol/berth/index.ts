/** What Docker has no word for: the shapes of `/berth/v1/…`. */
export * from './doctor';
export * from './image-layer';
export * from './policy';
export * from './published-port';
export * from './trace';
