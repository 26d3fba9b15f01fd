import { ConfigurationError, WebhookVerificationError } from "../errors.js";

/** Headers of a request in any form: `Headers`, Node's `request.headers`, pairs of names and values. */
export type WebhookHeaders =
  | Headers
  | Readonly<Record<string, string | readonly string[] | undefined>>
  | Iterable<readonly [string, string]>;

function isIterable(headers: WebhookHeaders): headers is Headers | Iterable<readonly [string, string]> {
  return typeof (headers as { [Symbol.iterator]?: unknown })[Symbol.iterator] === "function";
}

/** Headers by lower-case name, every value of each. */
export class HeaderValues {
  readonly #values = new Map<string, string[]>();

  constructor(headers: WebhookHeaders) {
    if (typeof headers !== "object" || headers === null) throw new ConfigurationError("Pass all headers of the request.");
    for (const [name, value] of isIterable(headers) ? headers : Object.entries(headers)) {
      if (value === undefined) continue;
      const key = name.toLowerCase();
      const list = this.#values.get(key) ?? [];
      list.push(...(typeof value === "string" ? [value] : value));
      this.#values.set(key, list);
    }
  }

  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  /** Returns the only value of a header; `undefined` if it is absent or empty. */
  single(name: string): string | undefined {
    const values = this.#values.get(name.toLowerCase()) ?? [];
    const value = values[0]?.trim();
    // Servers join the values of a header that came twice with a comma; no value of ours has a comma at the end of a part.
    if (values.length > 1 || /,\s/.test(value ?? "")) throw duplicate(name);
    return value === "" ? undefined : value;
  }

  /** Returns the only value of a header that cannot have a comma. */
  singleWord(name: string): string | undefined {
    const value = this.single(name);
    if (value?.includes(",")) throw duplicate(name);
    return value;
  }

  /** Returns the value of a header that must be there. */
  required(name: string, value: string | undefined): string {
    if (value !== undefined) return value;
    throw new WebhookVerificationError(
      `The header ${name} is missing. Pass all headers of the request, and check that no proxy removes it.`,
      "missing_header",
    );
  }
}

function duplicate(name: string): WebhookVerificationError {
  return new WebhookVerificationError(
    `The header ${name} occurs twice. Leadhouse sends it once: check what is added on the way, and reject the request.`,
    "duplicate_header",
  );
}
