/** Contract of a subscription, which decides headers and payload. */
export type WebhookContract = "native" | "revenueDefenders" | "leadRescue" | "vendorPad";

/** Headers and body of a contract's deliveries. */
export interface WebhookFormat {
  /** Beginning of the names of its headers. */
  prefix: string;
  /** Text before the hexadecimal signature. */
  signaturePrefix: string;
  /** Whether the timestamp is signed together with the body. */
  signsTimestamp: boolean;
  /** Name of the field of the body that has the event; `null` where only a header has it. */
  eventField: string | null;
  /** Whether the resource is in `data` of the body; otherwise the body is the resource. */
  hasData: boolean;
}

/** Format of each contract's deliveries. */
export const WEBHOOK_FORMATS: Record<WebhookContract, WebhookFormat> = {
  revenueDefenders: {
    prefix: "X-RevenueDefenders-", signaturePrefix: "sha256=", signsTimestamp: false, eventField: null, hasData: false,
  },
  vendorPad: {
    prefix: "X-VendorPad-", signaturePrefix: "sha256=", signsTimestamp: true, eventField: "event", hasData: true,
  },
  leadRescue: {
    prefix: "X-LeadRescue-", signaturePrefix: "sha256=", signsTimestamp: false, eventField: "event", hasData: false,
  },
  native: { prefix: "X-", signaturePrefix: "", signsTimestamp: false, eventField: "type", hasData: true },
};

export const CONTRACTS = Object.keys(WEBHOOK_FORMATS) as WebhookContract[];

/** Type of the request that asks an endpoint to confirm its subscription. Its body is the same in every contract. */
export const OWNERSHIP_CHALLENGE = "webhook.verification";

/**
 * Returns the contract of a body, by the fields that only bodies of the contract have; `undefined` for the resources of
 * Revenue Defenders, which have none, and for the challenge, which is the same in every contract.
 */
export function contractOfBody(payload: Record<string, unknown>): WebhookContract | undefined {
  const { type, event } = payload;
  if (type === OWNERSHIP_CHALLENGE) return undefined;
  if (typeof type === "string" && "data" in payload) return "native";
  if (typeof event !== "string") return undefined;
  return "data" in payload ? "vendorPad" : "leadRescue";
}
