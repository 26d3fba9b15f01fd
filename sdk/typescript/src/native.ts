import { EvidenceWithFilesApi } from "./evidence.js";
import { IterableEventLogApi } from "./event-log.js";
import { createGroups } from "./generated/native-client.js";
import { SigningInboundApi } from "./inbound.js";
import { type ClientOptions, parseOptions } from "./options.js";
import { type PageForm, RawApi } from "./resource.js";

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
 * const leadhouse = createLeadhouse({ apiKey: process.env.LEADHOUSE_API_KEY, baseUrl: "https://leads.example.com" });
 * const lead = await leadhouse.leads.create({ name: "Jane Smith", email: "jane@example.com" });
 * ```
 */
export function createLeadhouse(options: ClientOptions = {}) {
  const settings = parseOptions(options, BASE_PATH);
  return {
    ...createGroups(settings, PAGES),
    /** Evidence of disputes, and upload of its files. */
    evidence: new EvidenceWithFilesApi(settings, PAGES),
    /** Every event in the order in which it was recorded, for those who poll. */
    eventLog: new IterableEventLogApi(settings, PAGES),
    /** Messages that a messaging provider received. */
    inbound: new SigningInboundApi(settings, PAGES),
    /** Calls by path, for operations that are newer than this package. */
    raw: new RawApi(settings, PAGES),
  };
}

/** Client of the native contract, `/v2`. */
export type LeadhouseClient = ReturnType<typeof createLeadhouse>;
