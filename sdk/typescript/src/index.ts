/**
 * SDK of Leadhouse: leads, follow-up, disputes and webhooks.
 *
 * {@link createLeadhouse} makes a client of the native contract, {@link createClient} one of Revenue Defenders', and
 * {@link verifyWebhook} verifies a webhook of any contract.
 *
 * @packageDocumentation
 */
export { createLeadhouse, type LeadhouseClient } from "./native.js";
export { createClient, type RevenueDefendersClient } from "./revenue-defenders.js";
export {
  verifyWebhook,
  verifyWebhookSignature,
  type VerifyOptions,
  type WebhookSignature,
} from "./webhooks/verify.js";
export { signWebhook, type SignOptions } from "./webhooks/sign.js";
export type { WebhookContract } from "./webhooks/contracts.js";
export type { OwnershipChallenge, WebhookEvent, WebhookEventType, WebhookPayload, WebhookScheme, VerifiedDelivery } from "./webhooks/events.js";
export type { WebhookHeaders } from "./webhooks/headers.js";
export type { RawBody } from "./webhooks/signature.js";
export type { ClientOptions, Hooks, RequestInfo, RequestOptions, ResponseInfo, RetryInfo } from "./options.js";
export type { ApiPromise, ResponseDetails, WithResponse } from "./api-promise.js";
export type { EvidenceUpload, UploadOptions } from "./evidence.js";
export type { EventLogQuery, FollowOptions } from "./event-log.js";
export type { InboundOptions } from "./inbound.js";
export * from "./errors.js";
export { VERSION } from "./version.js";
export type * from "./generated/native-types.js";
export type * as RevenueDefenders from "./generated/revenue-defenders-types.js";
export type * as Native from "./generated/native-types.js";
