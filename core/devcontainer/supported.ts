import type { Configuration } from './configuration';
import { DevContainerError } from './error';

const later: Readonly<Record<string, string>> = {
  build: 'building an image from a Dockerfile',
  dockerFile: 'building an image from a Dockerfile',
  dockerComposeFile: 'Docker Compose',
  features: 'Features',
};

/**
 * Refuses what this version cannot do, before anything is made. An empty `features` asks for nothing and is accepted.
 * @returns the configuration with its image known to be there
 */
export function requireSupported(
  configuration: Configuration,
  path: string,
): Configuration & { image: string } {
  for (const [property, what] of Object.entries(later)) {
    const value = configuration[property];
    if (value === undefined || (property === 'features' && isEmpty(value))) continue;
    throw new DevContainerError(
      'not-yet',
      `${path} uses "${property}", which this version of Berth cannot do yet`,
      `It stands for ${what}, which comes in a later version. Nothing was made.`,
      'Until then use "image" with an image that has what the project needs.',
    );
  }
  const { image } = configuration;
  if (image === undefined || image.trim() === '') {
    throw new DevContainerError(
      'bad-property',
      `${path} names no image`,
      'A dev container is made from the image in the property "image".',
      'Add one, for example "image": "berth/debian-dev".',
    );
  }
  return { ...configuration, image };
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
