// Types as callers use them. The compiler is the test: lines below "@ts-expect-error" must be errors.
import {
  createClient, createLeadhouse, type CreateLeadBody, type Lead, type RevenueDefenders, verifyWebhook,
} from "@leadhouse/sdk";

const leadhouse = createLeadhouse({ apiKey: "lh_test_key", baseUrl: "https://leads.example.com" });
const rd = createClient({ apiKey: "rd_key", baseUrl: "https://leads.example.com" });

export async function operations(): Promise<void> {
  const lead: Lead = await leadhouse.leads.create({ name: "Jane", email: "jane@example.com" });
  const body: CreateLeadBody = { name: "Jane", phone: "020 7946 0958", category: "EVENT", utm: { source: "google" } };
  await leadhouse.leads.create(body, { idempotencyKey: "a", timeout: 1 });
  // @ts-expect-error A lead needs a name.
  await leadhouse.leads.create({ email: "jane@example.com" });
  // @ts-expect-error There is no such category.
  await leadhouse.leads.create({ name: "Jane", email: "jane@example.com", category: "OTHER" });
  // @ts-expect-error There is no such status.
  await leadhouse.leads.list({ status: "OPEN" });
  await leadhouse.leads.update(lead.id, { status: "WON" }, { ifMatch: lead.version });
  // @ts-expect-error Visitor events are listed by visitor.
  await leadhouse.visitorEvents.list({});
  for await (const one of leadhouse.leads.iterate({ status: "NEW" })) {
    const status: Lead["status"] = one.status;
    console.log(status, one.score.reasons[0]?.code);
  }
  for await (const page of leadhouse.leads.pages()) console.log(page.data[0]?.name, page.pagination.hasMore);
  const erased: null = await leadhouse.leads.erase(lead.id);
  console.log(erased);
  const { data, response } = await leadhouse.keys.create({ name: "k", scopes: ["leads:read"], mode: "test" }).withResponse();
  console.log(data.key, response.status, response.etag);
  await leadhouse.evidence.upload({ category: "PHOTO", file: new Uint8Array(), contentType: "image/png" });
  // @ts-expect-error The file is missing.
  await leadhouse.evidence.upload({ category: "PHOTO" });
}

export async function revenueDefenders(): Promise<void> {
  const { items, nextCursor } = await rd.leads.list({ businessId: "biz", limit: 50 });
  const first: RevenueDefenders.Lead | undefined = items[0];
  const cursor: string | null = nextCursor;
  console.log(first?.status, cursor);
  for await (const dispute of rd.disputes.iterate()) console.log(dispute.amountCents);
}

export async function events(headers: Headers, body: string): Promise<void> {
  const event = await verifyWebhook(headers, body, "whsec_", { contract: "native" });
  switch (event.type) {
    case "lead.created":
      console.log(event.data.email, event.payload.version);
      break;
    case "dispute.created":
      console.log(event.data.amountCents);
      break;
    case "webhook.disabled":
      console.log(event.data.disabledReason);
      break;
    default:
      console.log(event.id, event.timestamp?.getTime());
  }
  if (event.type === "webhook.verification") console.log(event.data.challenge);
  // @ts-expect-error There is no such event.
  console.log(event.type === "lead.deleted");
  const any = await verifyWebhook(headers, body, ["whsec_a", "whsec_b"]);
  if (any.contract === "vendorPad" && any.type === "lead.created") console.log(any.payload.created_at);
  if (any.contract === "leadRescue" && any.type === "customer.reply") console.log(any.data.lead_id);
  if (any.contract === "revenueDefenders" && any.type === "lead.created") console.log(any.data.source);
}
