import { WEBHOOK_FORMATS, type WebhookContract } from "./contracts.js";
import { bytesOf, contractKey, encodeBase64, hmac, type RawBody, standardKey } from "./signature.js";
import { randomUuid, toHex } from "../webcrypto.js";

/** Options of `signWebhook`. */
export interface SignOptions {
  /** Contract whose headers are made (`native`). */
  contract?: WebhookContract;
  /** Name of the event. */
  type?: string;
  /** Id of the delivery; a random one if absent. */
  id?: string;
  /** Time of the attempt; now if absent. */
  timestamp?: Date;
}

/** Returns the headers that Leadhouse would send with a body, by lower-case name: for tests of your own receiver. */
export async function signWebhook(body: RawBody, secret: string, options: SignOptions = {}): Promise<Record<string, string>> {
  const { contract = "native", type = "ping", id = await randomUuid(), timestamp = new Date() } = options;
  const { prefix, signaturePrefix, signsTimestamp } = WEBHOOK_FORMATS[contract];
  const time = String(Math.floor(timestamp.getTime() / 1000));
  const bytes = bytesOf(body);
  const text = new TextEncoder();
  const own = await hmac(contractKey(secret), text.encode(signsTimestamp ? `${time}.` : ""), bytes);
  const standard = await hmac(standardKey(secret), text.encode(`${id}.${time}.`), bytes);
  const named: Record<string, string> = {
    "content-type": "application/json",
    [`${prefix}Signature`]: signaturePrefix + toHex(own),
    [`${prefix}Event`]: type,
    [`${prefix}Delivery`]: id,
    ...(signsTimestamp && { [`${prefix}Timestamp`]: time }),
    "webhook-id": id,
    "webhook-timestamp": time,
    "webhook-signature": `v1,${encodeBase64(standard)}`,
  };
  return Object.fromEntries(Object.entries(named).map(([name, value]) => [name.toLowerCase(), value]));
}
