import { createGroups } from "./generated/revenue-defenders-client.js";
import { type ClientOptions, parseOptions } from "./options.js";
import { type PageForm, RawApi } from "./resource.js";

const BASE_PATH = "/api/v1";
const PAGES: PageForm = {
  maxLimit: 200,
  items: (page) => page["items"],
  nextCursor: (page) => page["nextCursor"],
};

/**
 * Returns a client of the Revenue Defenders contract, `/api/v1`.
 *
 * @example
 * ```ts
 * const rd = createClient({ apiKey: process.env.RD_API_KEY, baseUrl: "https://leads.example.com" });
 * for await (const lead of rd.leads.iterate({ businessId })) console.log(lead.name, lead.status);
 * ```
 */
export function createClient(options: ClientOptions = {}) {
  const settings = parseOptions(options, BASE_PATH);
  return {
    ...createGroups(settings, PAGES),
    /** Calls by path, for operations that are newer than this package. */
    raw: new RawApi(settings, PAGES),
  };
}

/** Client of the Revenue Defenders contract, `/api/v1`. */
export type RevenueDefendersClient = ReturnType<typeof createClient>;
