// Creates leads with clients whose types are generated from the documents, and reads one back.
import createClient from "openapi-fetch";
import type { paths as Native } from "./native.js";
import type { paths as VendorPad } from "./vendor-pad.js";

declare const process: { env: Record<string, string | undefined> };

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

const origin = setting("LEADHOUSE_URL");
const authorization = (key: string) => ({ Authorization: `Bearer ${setting(key)}` });

const native = createClient<Native>({ baseUrl: `${origin}/v2`, headers: authorization("LEADHOUSE_KEY") });
const created = await native.POST("/leads", {
  body: { name: "Jane Smith", email: "jane@example.com", category: "PROPERTY_SEARCH" },
});
if (!created.data) throw new Error(`native: ${created.error.error.code}`);
const { id, score } = created.data;
const found = await native.GET("/leads/{id}", { params: { path: { id } } });
if (found.data?.email !== "jane@example.com") throw new Error(`native: ${JSON.stringify(found.error)}`);
console.log(`TypeScript: lead ${id} with the score ${score.value}`);

const vendorPad = createClient<VendorPad>({
  baseUrl: `${origin}/api/v1/developer`,
  headers: authorization("LEADHOUSE_VENDOR_PAD_KEY"),
});
const enquiry = await vendorPad.POST("/leads", { body: { first_name: "Priya", email: "priya@example.com" } });
if (!enquiry.data) throw new Error(`VendorPad: ${enquiry.error.error.code}`);
console.log(`TypeScript: lead ${enquiry.data.lead_id} of VendorPad`);
