type Requirements = Readonly<Record<string, unknown>>;

/** What a machine must have: the greatest of each number that any source asks for (sizes in bytes, as decimal text), the strictest GPU. */
export function mergeHostRequirements(
  sources: readonly (Requirements | undefined)[],
): Requirements | undefined {
  const asked = sources.filter((source) => source !== undefined);
  const cpus = Math.max(
    0,
    ...asked.map((source) => (typeof source['cpus'] === 'number' ? source['cpus'] : 0)),
  );
  const memory = Math.max(0, ...asked.map((source) => bytes(source['memory'])));
  const storage = Math.max(0, ...asked.map((source) => bytes(source['storage'])));
  const gpu = asked.map((source) => source['gpu']).reduce<unknown>(stricter, undefined);
  if (cpus === 0 && memory === 0 && storage === 0 && gpu === undefined) return undefined;
  return {
    cpus,
    ...(memory === 0 ? {} : { memory: String(memory) }),
    ...(storage === 0 ? {} : { storage: String(storage) }),
    ...(gpu === undefined ? {} : { gpu }),
  };
}

function bytes(size: unknown): number {
  const [, number, unit = ''] = /^(\d+)([tgmk]b)?$/.exec(String(size)) ?? [];
  return number === undefined ? 0 : Number(number) * 1024 ** ['', 'kb', 'mb', 'gb', 'tb'].indexOf(unit);
}

/** An object asks for more than `true`, that for more than "optional". Two objects are united, the greater number each. */
function stricter(one: unknown, other: unknown): unknown {
  if (isObject(one) && isObject(other)) {
    return {
      ...one,
      ...other,
      ...(typeof one['cores'] === 'number' && typeof other['cores'] === 'number'
        ? { cores: Math.max(one['cores'], other['cores']) }
        : {}),
      ...('memory' in one || 'memory' in other
        ? { memory: String(Math.max(bytes(one['memory']), bytes(other['memory']))) }
        : {}),
    };
  }
  return rank(other) >= rank(one) ? (rank(other) === 0 ? undefined : other) : one;
}

const rank = (gpu: unknown): number => (isObject(gpu) ? 3 : gpu === true ? 2 : gpu === 'optional' ? 1 : 0);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
