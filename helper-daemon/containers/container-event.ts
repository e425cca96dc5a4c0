/** What an event tells of its container: all labels, the image and the name (without a slash). */
import type { Container } from './container';

export function containerEventAttributes(container: Container): Record<string, string> {
  const { config, name } = container.record;
  return { ...config.Labels, image: config.Image ?? '', name };
}
