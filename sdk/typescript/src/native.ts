import { EvidenceWithFilesApi } from "./evidence.js";
import * as api from "./generated/native-client.js";
import { SigningInboundApi } from "./inbound.js";
import { type ClientOptions, parseOptions } from "./options.js";
import type { PageForm } from "./resource.js";

const BASE_PATH = "/v2";
const PAGES: PageForm = {
  maxLimit: 100,
  items: (page) => page["data"],
  nextCursor: (page) => (page["pagination"] as { nextCursor?: unknown } | undefined)?.nextCursor,
};

/**
 * Returns a client of the native contract, `/v2`: every operation, in groups.
 *
 * @example
 * ```ts
 * const leadhouse = createLeadhouse({ apiKey: process.env.LEADHOUSE_API_KEY!, baseUrl: "https://leads.example.com" });
 * const lead = await leadhouse.leads.create({ name: "Jane Smith", email: "jane@example.com" });
 * ```
 */
export function createLeadhouse(options: ClientOptions) {
  const settings = parseOptions(options, BASE_PATH);
  return {
    /** KPIs. */
    analytics: new api.AnalyticsApi(settings, PAGES),
    /** Changes by keys, the operator and the system. */
    auditLog: new api.AuditLogApi(settings, PAGES),
    /** Businesses of the tenant. */
    businesses: new api.BusinessesApi(settings, PAGES),
    /** Customers. */
    customers: new api.CustomersApi(settings, PAGES),
    /** Deliveries of webhooks, with every attempt. */
    deliveries: new api.DeliveriesApi(settings, PAGES),
    /** Disputes. */
    disputes: new api.DisputesApi(settings, PAGES),
    /** Catalogue of events. */
    eventTypes: new api.EventTypesApi(settings, PAGES),
    /** Evidence of disputes, and upload of its files. */
    evidence: new EvidenceWithFilesApi(settings, PAGES),
    /** Health of the service. */
    health: new api.HealthApi(settings, PAGES),
    /** Messages that a messaging provider received. */
    inbound: new SigningInboundApi(settings, PAGES),
    /** API keys. */
    keys: new api.KeysApi(settings, PAGES),
    /** Leads. */
    leads: new api.LeadsApi(settings, PAGES),
    /** The tenant and the key. */
    me: new api.MeApi(settings, PAGES),
    /** Messages to and from a lead. */
    messages: new api.MessagesApi(settings, PAGES),
    /** OpenAPI document of the contract. */
    openApiDocument: new api.OpenApiDocumentApi(settings, PAGES),
    /** Follow-up sequences of leads. */
    sequences: new api.SequencesApi(settings, PAGES),
    /** Templates of sequences. */
    sequenceTemplates: new api.SequenceTemplatesApi(settings, PAGES),
    /** Numbers and addresses that receive no message. */
    suppressions: new api.SuppressionsApi(settings, PAGES),
    /** Data of the test environment. */
    testData: new api.TestDataApi(settings, PAGES),
    /** Transactions. */
    transactions: new api.TransactionsApi(settings, PAGES),
    /** What visitors do on a site. */
    visitorEvents: new api.VisitorEventsApi(settings, PAGES),
    /** Webhook subscriptions. */
    webhooks: new api.WebhooksApi(settings, PAGES),
  };
}

/** Client of the native contract, `/v2`. */
export type LeadhouseClient = ReturnType<typeof createLeadhouse>;
