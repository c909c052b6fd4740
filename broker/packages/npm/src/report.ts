import type { Report } from './types.js';

/** What a failed test should show of a cluster. */
export function reportText(report: Report): string {
  return [...report.unmet, `seed ${report.seed}`, ...section('rules', report.rules), ...section('the journal ends with', report.journal)].join('\n');
}

function section(title: string, lines: string[]): string[] {
  return lines.length ? [`${title}:`, ...lines.map((line) => `  ${line}`)] : [`${title}: none`];
}

/** The error with the report at the end of its message, for whatever prints either its message or its stack. */
export function withReport(error: unknown, text: string): unknown {
  if (!(isError(error) && Object.isExtensible(error))) return new Error(`${String(error)}\n\n${text}`, { cause: error });
  const { message, stack } = error;
  try {
    error.message = `${message.trimEnd()}\n\n${text}`;
    const at = message ? (stack?.indexOf(message) ?? -1) : -1;
    if (stack !== undefined) error.stack = at < 0 ? `${error.name}: ${error.message}\n${stack}` : stack.slice(0, at) + error.message + stack.slice(at + message.length);
    return error;
  } catch {
    return new Error(`${message}\n\n${text}`, { cause: error });
  }
}

// Not instanceof: test runners have errors of several realms.
function isError(value: unknown): value is Error {
  return typeof value === 'object' && value !== null && typeof (value as Error).message === 'string' && 'stack' in value;
}
