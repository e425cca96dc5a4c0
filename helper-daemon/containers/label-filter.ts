/** Docker's label filter: every `key` or `key=value` must match; `key!=value` and `!key` are not among its spellings. */
export function matchesLabels(labels: Readonly<Record<string, string>>, wanted: readonly string[]): boolean {
  return wanted.every((filter) => {
    const at = filter.indexOf('=');
    if (at < 0) return Object.hasOwn(labels, filter);
    return labels[filter.slice(0, at)] === filter.slice(at + 1);
  });
}
