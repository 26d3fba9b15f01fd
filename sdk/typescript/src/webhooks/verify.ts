import { ConfigurationError, WebhookVerificationError } from "../errors.js";
import { contractOfBody, CONTRACTS, OWNERSHIP_CHALLENGE, WEBHOOK_FORMATS, type WebhookContract } from "./contracts.js";
import type { WebhookEvent, WebhookScheme } from "./events.js";
import { HeaderValues, type WebhookHeaders } from "./headers.js";
import {
  bytesOf,
  contractKey,
  isSigned,
  parseContractSignature,
  parseStandardSignatures,
  type RawBody,
  standardKey,
} from "./signature.js";

/** Default seconds by which a timestamp may differ from the clock, as in Standard Webhooks. */
export const DEFAULT_TOLERANCE = 300;

const STANDARD_HEADERS = ["webhook-id", "webhook-timestamp", "webhook-signature"] as const;

/** Options of `verifyWebhook`. */
export interface VerifyOptions<C extends WebhookContract = WebhookContract> {
  /** Seconds by which the timestamp may differ from the clock (300). */
  tolerance?: number;
  /** Accepts only deliveries of this contract, and types the event. */
  contract?: C;
  /**
   * Signatures that count: `standard` (Standard Webhooks, which sign the time and so stop replays), `contract` (the
   * contract's own header) or `auto` (default: `standard` if any of its headers is there, else `contract`).
   */
  scheme?: WebhookScheme | "auto";
  /** Time to verify against instead of the clock, for tests. */
  now?: Date;
}

/** Facts that a signature proves. */
interface Proof {
  scheme: WebhookScheme;
  /** Contract whose signature was verified; absent for Standard Webhooks, whose headers are the same in every contract. */
  contract?: WebhookContract;
  /** Signed id; `null` where the scheme signs none. */
  id: string | null;
  /** Signed Unix seconds; `null` where the scheme signs none. */
  timestamp: number | null;
}

/** A delivery under verification. */
interface Delivery {
  headers: HeaderValues;
  /** Contract whose headers the request has. */
  headerContract: WebhookContract | undefined;
  body: Uint8Array;
  secrets: readonly string[];
  tolerance: number;
  /** Unix seconds. */
  now: number;
}

function parseTimestamp(header: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new WebhookVerificationError(`The header ${header} is not a time in Unix seconds.`, "malformed_header");
}

/** Throws if a signed timestamp is further from the clock than the tolerance. */
function checkAge(timestamp: number, { now, tolerance }: Delivery): void {
  if (timestamp < now - tolerance) {
    const age = Math.round(now - timestamp);
    throw new WebhookVerificationError(
      `The delivery is ${age} seconds old, more than ${tolerance}: a replay, or this machine's clock is fast.`,
      "timestamp_too_old",
    );
  }
  if (timestamp > now + tolerance) {
    throw new WebhookVerificationError(
      `The delivery's time is more than ${tolerance} seconds in the future: check this machine's clock.`,
      "timestamp_too_new",
    );
  }
}

function noMatch(): WebhookVerificationError {
  return new WebhookVerificationError(
    "No signature matches: the body was changed after signing (verify the raw body), or the secret is that of another endpoint.",
    "no_matching_signature",
  );
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

async function verifyStandard(delivery: Delivery): Promise<Proof> {
  const { headers } = delivery;
  const id = headers.required("webhook-id", headers.singleWord("webhook-id"));
  const time = headers.required("webhook-timestamp", headers.singleWord("webhook-timestamp"));
  const signatures = headers.required("webhook-signature", headers.single("webhook-signature"));
  const keys = delivery.secrets.map(standardKey);
  const timestamp = parseTimestamp("webhook-timestamp", time);
  const given = parseStandardSignatures(signatures);
  if (!(await isSigned(keys, given, encode(`${id}.${time}.`), delivery.body))) throw noMatch();
  checkAge(timestamp, delivery);
  return { scheme: "standard", id, timestamp };
}

async function verifyContract(delivery: Delivery): Promise<Proof> {
  const { headers, headerContract: contract } = delivery;
  if (contract === undefined || !headers.has(`${WEBHOOK_FORMATS[contract].prefix}Signature`)) {
    throw new WebhookVerificationError(
      "The request has no signature header. Pass all headers of the request; if it has none, it is not from Leadhouse.",
      "missing_header",
    );
  }
  const { prefix, signsTimestamp } = WEBHOOK_FORMATS[contract];
  const given = parseContractSignature(headers.required(`${prefix}Signature`, headers.singleWord(`${prefix}Signature`)));
  const keys = delivery.secrets.map(contractKey);
  if (!signsTimestamp) {
    if (!(await isSigned(keys, given, delivery.body))) throw noMatch();
    return { scheme: "contract", contract, id: null, timestamp: null };
  }
  const name = `${prefix}Timestamp`;
  const time = headers.required(name, headers.singleWord(name));
  const timestamp = parseTimestamp(name, time);
  if (!(await isSigned(keys, given, encode(`${time}.`), delivery.body))) throw noMatch();
  checkAge(timestamp, delivery);
  return { scheme: "contract", contract, id: null, timestamp };
}

function parsePayload(body: Uint8Array): Record<string, unknown> {
  let payload: unknown;
  try {
    payload = JSON.parse(new TextDecoder().decode(body));
  } catch {
    payload = undefined;
  }
  if (typeof payload !== "object" || payload === null || Array.isArray(payload)) {
    throw new WebhookVerificationError("The body is signed, but it is not a JSON object.", "malformed_body");
  }
  return payload as Record<string, unknown>;
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function eventOf(delivery: Delivery, proof: Proof, expected?: WebhookContract): unknown {
  const { headers } = delivery;
  const payload = parsePayload(delivery.body);
  const isChallenge = payload["type"] === OWNERSHIP_CHALLENGE;
  const bodyContract = contractOfBody(payload);
  // What is signed goes before headers, which anybody on the way can add.
  const contract = proof.contract ?? bodyContract ?? delivery.headerContract ?? (isChallenge ? "native" : "revenueDefenders");
  if (expected !== undefined && contract !== expected) {
    throw new WebhookVerificationError(
      `The delivery is of the contract ${contract}, not ${expected}: check the contract of the subscription.`,
      "wrong_contract",
    );
  }
  const { prefix, eventField, hasData } = WEBHOOK_FORMATS[contract];
  // Where a header alone has the type, it is none of the contract's if the body is of another.
  const headerType = () => (bodyContract === undefined ? (headers.singleWord(`${prefix}Event`) ?? null) : null);
  const named = eventField === null ? headerType() : textOrNull(payload[eventField]);
  return {
    contract,
    type: isChallenge ? OWNERSHIP_CHALLENGE : named,
    id: proof.id ?? headers.singleWord(`${prefix}Delivery`) ?? (hasData ? textOrNull(payload["id"]) : null),
    timestamp: proof.timestamp === null ? null : new Date(proof.timestamp * 1000),
    scheme: proof.scheme,
    data: hasData && "data" in payload ? payload["data"] : payload,
    payload,
  };
}

/** Returns the contract whose headers are there, or throws if there are those of several. */
function contractOfHeaders(headers: HeaderValues): WebhookContract | undefined {
  const names = ["Signature", "Event", "Delivery"];
  const found = CONTRACTS.filter((contract) => names.some((name) => headers.has(WEBHOOK_FORMATS[contract].prefix + name)));
  if (found.length > 1) {
    throw new WebhookVerificationError(
      `The request has headers of several contracts (${found.join(", ")}). Leadhouse sends those of one: check what is added on the way, and reject the request.`,
      "conflicting_headers",
    );
  }
  return found[0];
}

/**
 * Verifies a webhook of any contract, and returns its event.
 *
 * `headers` are all headers of the request and `body` is its raw body; `secret` is that of the subscription, or several
 * while it is rotated. Throws a `WebhookVerificationError` whose `reason` says what is wrong.
 *
 * @example
 * ```ts
 * const event = await verifyWebhook(request.headers, await request.text(), secret, { contract: "native" });
 * if (event.type === "lead.created") console.log(event.data.email);
 * ```
 */
export async function verifyWebhook<C extends WebhookContract = WebhookContract>(
  headers: WebhookHeaders,
  body: RawBody,
  secret: string | readonly string[],
  options: VerifyOptions<C> = {},
): Promise<WebhookEvent<C>> {
  const { tolerance = DEFAULT_TOLERANCE, scheme = "auto", now = new Date() } = options;
  const secrets = typeof secret === "string" ? [secret] : secret;
  if (!Array.isArray(secrets) || secrets.length === 0) throw new ConfigurationError("No webhook secret was passed.");
  if (!(tolerance >= 0)) throw new ConfigurationError("tolerance must be a number of seconds, at least 0.");
  const values = new HeaderValues(headers);
  const headerContract = contractOfHeaders(values);
  const delivery = { headers: values, headerContract, body: bytesOf(body), secrets, tolerance, now: now.getTime() / 1000 };
  const isStandard = scheme === "standard" || (scheme === "auto" && STANDARD_HEADERS.some((name) => values.has(name)));
  const proof = await (isStandard ? verifyStandard(delivery) : verifyContract(delivery));
  return eventOf(delivery, proof, options.contract) as WebhookEvent<C>;
}

/** Arguments of `verifyWebhookSignature`. */
export interface WebhookSignature {
  /** Raw body of the request. */
  rawBody: RawBody;
  /** Value of the signature header; `null` if there is none. */
  signatureHeader: string | null | undefined;
  /** Secret of the subscription, or several while it is rotated. */
  secret: string | readonly string[];
}

/**
 * Returns whether a contract's own header signs the body: `X-RevenueDefenders-Signature`, `X-LeadRescue-Signature` or
 * `X-Signature`. `verifyWebhook` also stops replays, and returns the event.
 */
export async function verifyWebhookSignature({ rawBody, signatureHeader, secret }: WebhookSignature): Promise<boolean> {
  const keys = (typeof secret === "string" ? [secret] : secret).map(contractKey);
  if (keys.length === 0) throw new ConfigurationError("No webhook secret was passed.");
  return isSigned(keys, parseContractSignature(signatureHeader ?? ""), bytesOf(rawBody));
}
