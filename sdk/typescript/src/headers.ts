import { ConfigurationError } from "./errors.js";

/** Headers that only the client sets, with what callers do instead of passing them. */
const RESERVED_HEADERS: ReadonlyMap<string, string> = new Map([
  ["authorization", "pass apiKey"],
  ["idempotency-key", "pass idempotencyKey"],
  ["x-idempotency-key", "pass idempotencyKey"],
  ["content-type", "every body is JSON"],
  ["content-length", "it follows from the body"],
]);

/** Returns headers by lower-case name; later ones override earlier ones of the same name in any letter case. */
export function mergeHeaders(...groups: (Readonly<Record<string, string>> | undefined)[]): Record<string, string> {
  const entries = groups.flatMap((group) => Object.entries(group ?? {}));
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), value]));
}

/** Throws a `ConfigurationError` if a caller's extra headers have one that only the client sets. */
export function rejectReservedHeaders(headers: Readonly<Record<string, string>> | undefined): void {
  for (const name of Object.keys(headers ?? {})) {
    const instead = RESERVED_HEADERS.get(name.toLowerCase());
    if (instead !== undefined) throw new ConfigurationError(`headers must not have ${name}: ${instead}.`);
  }
}

/** Throws if a header cannot be sent, which `fetch` would report like a failed connection. */
export function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      new Headers([[name, value]]);
    } catch (cause) {
      throw new ConfigurationError(`The header ${JSON.stringify(name)} has a name or a value that cannot be sent.`, { cause });
    }
  }
}
