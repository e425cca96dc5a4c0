/** Structured log: one JSON object a line on stderr. Never receives a secret. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error';
const rank: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

export interface Log {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** @param write receives whole lines, newline included */
export function createLog(component: string, level: LogLevel, write: (line: string) => void): Log {
  const at = (lineLevel: LogLevel) => (message: string, fields?: Record<string, unknown>) => {
    if (rank[lineLevel] < rank[level]) return;
    write(
      `${JSON.stringify({ time: new Date().toISOString(), level: lineLevel, component, message, ...fields })}\n`,
    );
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
