import { ConfigurationError } from "./errors.js";

let loaded: Promise<Crypto> | undefined;

async function load(): Promise<Crypto> {
  if (globalThis.crypto) return globalThis.crypto;
  // Node.js 18 has Web Crypto only as a module. The name is a variable so that bundlers for other runtimes do not look
  // for it.
  const name = "node:crypto";
  const module = (await import(/* webpackIgnore: true */ /* @vite-ignore */ name)) as { webcrypto: Crypto };
  return module.webcrypto;
}

/** Returns Web Crypto of this runtime. */
export function webCrypto(): Promise<Crypto> {
  loaded ??= load();
  return loaded;
}

/** Returns Web Crypto's functions for keys and digests, which browsers have only on https and localhost. */
export async function subtleCrypto(): Promise<SubtleCrypto> {
  const { subtle } = await webCrypto();
  if (!subtle) throw new ConfigurationError("This page has no Web Crypto: serve it by https or from localhost.");
  return subtle;
}

/** Returns a random UUID. Unlike `crypto.randomUUID` it also works on pages without https. */
export async function randomUuid(): Promise<string> {
  const bytes = (await webCrypto()).getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = toHex(bytes);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Returns bytes as lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
