import type { webhooks as LeadRescueWebhooks } from "../generated/lead-rescue-types.js";
import type { webhooks as NativeWebhooks } from "../generated/native-types.js";
import type { webhooks as RevenueDefendersWebhooks } from "../generated/revenue-defenders-types.js";
import type { webhooks as VendorPadWebhooks } from "../generated/vendor-pad-types.js";
import type { WebhookContract } from "./contracts.js";

interface WebhooksOf {
  native: NativeWebhooks;
  revenueDefenders: RevenueDefendersWebhooks;
  leadRescue: LeadRescueWebhooks;
  vendorPad: VendorPadWebhooks;
}

type BodyOf<Operation> = Operation extends { post: { requestBody?: { content: { "application/json": infer Body } } } } ? Body : never;

/** Name of an event. New ones are added over time, so a `switch` needs a `default`. */
export type WebhookEventType = keyof NativeWebhooks;

/** Body of a delivery of a contract and event. */
export type WebhookPayload<C extends WebhookContract, E extends WebhookEventType> = E extends keyof WebhooksOf[C]
  ? BodyOf<WebhooksOf[C][E]>
  : never;

type DataOf<C extends WebhookContract, Payload> = C extends "native" | "vendorPad"
  ? Payload extends { data: infer Data } ? Data : never
  : Payload;

/** Headers that a delivery was verified by: those of Standard Webhooks, or the contract's own. */
export type WebhookScheme = "standard" | "contract";

/** Fields of every verified event. */
export interface VerifiedDelivery {
  /** Id of the delivery, the same for every attempt: use it to skip what you have processed. `null` if no header has it. */
  id: string | null;
  /** Time of the attempt; `null` where the contract's own header does not sign it. */
  timestamp: Date | null;
  /** Headers that the delivery was verified by. */
  scheme: WebhookScheme;
}

type EventOf<C extends WebhookContract, E extends WebhookEventType> = VerifiedDelivery & {
  contract: C;
  /** Name of the event. */
  type: E;
  /** The resource that the event is about. */
  data: DataOf<C, WebhookPayload<C, E>>;
  /** The whole body. */
  payload: WebhookPayload<C, E>;
};

/** Body of the request that asks an endpoint to confirm its subscription: return the challenge with a 2xx status. */
export interface OwnershipChallenge {
  /** Id of the request. */
  id: string;
  type: "webhook.verification";
  /** Time of the request, RFC 3339. */
  timestamp: string;
  /** Id of the subscription. */
  webhookId: string;
  /** Text to return: as it is, or as `{"challenge": …}`. */
  challenge: string;
}

type ChallengeEvent<C extends WebhookContract> = VerifiedDelivery & {
  contract: C;
  type: "webhook.verification";
  data: OwnershipChallenge;
  payload: OwnershipChallenge;
};

/** Delivery of Revenue Defenders whose event header was removed on the way. */
type EventWithoutType<C extends WebhookContract> = C extends "revenueDefenders"
  ? VerifiedDelivery & { contract: C; type: null; data: Record<string, unknown>; payload: Record<string, unknown> }
  : never;

/** Verified event. `contract` and `type` say what `data` and `payload` are. */
export type WebhookEvent<C extends WebhookContract = WebhookContract> = C extends WebhookContract
  ? { [E in WebhookEventType]: EventOf<C, E> }[WebhookEventType] | ChallengeEvent<C> | EventWithoutType<C>
  : never;
