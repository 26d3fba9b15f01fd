import {
  CustomersApi,
  DisputesApi,
  EvidenceApi,
  LeadsApi,
  OpenApiDocumentApi,
  TransactionsApi,
} from "./generated/revenue-defenders-client.js";
import { type ClientOptions, parseOptions } from "./options.js";
import type { PageForm } from "./resource.js";

const BASE_PATH = "/api/v1";
const PAGES: PageForm = {
  maxLimit: 200,
  items: (page) => page["items"],
  nextCursor: (page) => page["nextCursor"],
};

/** Client of the Revenue Defenders contract, `/api/v1`. */
export interface RevenueDefendersClient {
  /** Leads. */
  readonly leads: LeadsApi;
  /** Disputes. */
  readonly disputes: DisputesApi;
  /** Evidence of disputes. */
  readonly evidence: EvidenceApi;
  /** Customers. */
  readonly customers: CustomersApi;
  /** Transactions. */
  readonly transactions: TransactionsApi;
  /** OpenAPI document of the contract. */
  readonly openApiDocument: OpenApiDocumentApi;
}

/**
 * Returns a client of the Revenue Defenders contract.
 *
 * @example
 * ```ts
 * const rd = createClient({ apiKey: process.env.RD_API_KEY!, baseUrl: "https://leads.example.com" });
 * for await (const lead of rd.leads.iterate({ businessId })) console.log(lead.name, lead.status);
 * ```
 */
export function createClient(options: ClientOptions): RevenueDefendersClient {
  const settings = parseOptions(options, BASE_PATH);
  return {
    leads: new LeadsApi(settings, PAGES),
    disputes: new DisputesApi(settings, PAGES),
    evidence: new EvidenceApi(settings, PAGES),
    customers: new CustomersApi(settings, PAGES),
    transactions: new TransactionsApi(settings, PAGES),
    openApiDocument: new OpenApiDocumentApi(settings, PAGES),
  };
}
