/**
 * The version of control groups whose controllers hold the limits. On a hybrid machine both are mounted and the controllers
 * are the first version's; what is told of it is told from here alone.
 */
export function cgroupVersion(features: ReadonlySet<string>): '1' | '2' | undefined {
  if (features.has('cgroup-v1')) return '1';
  return features.has('cgroup-v2') ? '2' : undefined;
}
