/** Contract of a subscription, which decides headers and payload. */
export type WebhookContract = "native" | "revenueDefenders" | "leadRescue" | "vendorPad";

/** Headers and body of a contract's deliveries. */
export interface WebhookForm {
  /** Beginning of the names of its headers. */
  prefix: string;
  /** What precedes the hexadecimal signature. */
  signaturePrefix: string;
  /** Whether the timestamp is signed together with the body. */
  signsTimestamp: boolean;
  /** Name of the field of the body that has the event; `null` where only a header has it. */
  eventField: string | null;
  /** Whether the resource is in `data` of the body; otherwise the body is the resource. */
  hasData: boolean;
}

export const FORMS: Record<WebhookContract, WebhookForm> = {
  revenueDefenders: {
    prefix: "X-RevenueDefenders-", signaturePrefix: "sha256=", signsTimestamp: false, eventField: null, hasData: false,
  },
  vendorPad: {
    prefix: "X-VendorPad-", signaturePrefix: "sha256=", signsTimestamp: true, eventField: "event", hasData: true,
  },
  leadRescue: {
    prefix: "X-LeadRescue-", signaturePrefix: "sha256=", signsTimestamp: false, eventField: "event", hasData: false,
  },
  // Last, because its names are the most general.
  native: { prefix: "X-", signaturePrefix: "", signsTimestamp: false, eventField: "type", hasData: true },
};

export const CONTRACTS = Object.keys(FORMS) as WebhookContract[];

/** Returns the contract that a body without the contract's headers has. */
export function contractOfBody(payload: Record<string, unknown>): WebhookContract {
  if (typeof payload["type"] === "string" && "timestamp" in payload && "data" in payload) return "native";
  if (typeof payload["event"] !== "string") return "revenueDefenders";
  return "created_at" in payload && "data" in payload ? "vendorPad" : "leadRescue";
}
