import { ConfigurationError } from "../errors.js";
import { subtleCrypto } from "../webcrypto.js";

/** Raw body of a request: the bytes that were signed, or their text. */
export type RawBody = string | Uint8Array | ArrayBuffer;

const SECRET_PREFIX = "whsec_";

/** Returns the bytes of a raw body, or throws if it is a parsed one. */
export function bytesOf(body: RawBody): Uint8Array {
  if (typeof body === "string") return new TextEncoder().encode(body);
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  throw new ConfigurationError(
    "body must be the raw body, as text or bytes (await request.text(), or express.raw): parsed JSON cannot be verified.",
  );
}

/** Returns the bytes of base64, or `undefined` if it is none. */
export function decodeBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function decodeHex(text: string): Uint8Array | undefined {
  if (!/^([0-9a-f]{2})+$/i.test(text)) return undefined;
  return Uint8Array.from(text.match(/../g) as string[], (pair) => Number.parseInt(pair, 16));
}

/** Returns bytes as base64. */
export function encodeBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}

/** Returns a secret without white space around it, as files and environment variables may add. */
export function checkSecret(secret: unknown): string {
  const trimmed = typeof secret === "string" ? secret.trim() : "";
  if (trimmed === "") throw new ConfigurationError("The webhook secret is missing: pass the text that begins with whsec_.");
  return trimmed;
}

/** Returns the key that the contract's own header is signed with: the whole secret. */
export function contractKey(secret: string): Uint8Array {
  return new TextEncoder().encode(checkSecret(secret));
}

/** Returns the key of Standard Webhooks: the bytes behind `whsec_`. */
export function standardKey(secret: string): Uint8Array {
  const text = checkSecret(secret);
  const key = decodeBase64(text.startsWith(SECRET_PREFIX) ? text.slice(SECRET_PREFIX.length) : text);
  if (key === undefined || key.length === 0) {
    throw new ConfigurationError("The webhook secret must be whsec_ and base64, as it was shown when it was made.");
  }
  return key;
}

/** Returns the HMAC-SHA256 of the parts, one after the other. */
export async function hmac(key: Uint8Array, ...parts: Uint8Array[]): Promise<Uint8Array> {
  const message = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    message.set(part, offset);
    offset += part.length;
  }
  const subtle = await subtleCrypto();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const imported = await subtle.importKey("raw", key as BufferSource, algorithm, false, ["sign"]);
  return new Uint8Array(await subtle.sign("HMAC", imported, message as BufferSource));
}

/** Compares in a time that depends only on the length of the expected bytes. */
function isEqual(expected: Uint8Array, given: Uint8Array): boolean {
  let difference = expected.length ^ given.length;
  for (let i = 0; i < expected.length; i += 1) difference |= (expected[i] as number) ^ (given[i] ?? 0);
  return difference === 0;
}

/** Returns whether any of the signatures is the HMAC of the parts under any of the keys. All pairs are compared. */
export async function isSigned(keys: Uint8Array[], given: Uint8Array[], ...parts: Uint8Array[]): Promise<boolean> {
  let found = false;
  for (const key of keys) {
    const expected = await hmac(key, ...parts);
    for (const signature of given) found = isEqual(expected, signature) || found;
  }
  return found;
}

/** Returns the signature in a contract's header: hexadecimal, with or without `sha256=`. */
export function parseContractSignature(header: string): Uint8Array[] {
  const bytes = decodeHex(header.trim().replace(/^sha256=/i, ""));
  return bytes ? [bytes] : [];
}

/** Returns the signatures of version 1 in the header of Standard Webhooks. */
export function parseStandardSignatures(header: string): Uint8Array[] {
  return header.split(" ").flatMap((entry) => {
    const bytes = entry.startsWith("v1,") ? decodeBase64(entry.slice(3)) : undefined;
    return bytes ? [bytes] : [];
  });
}

