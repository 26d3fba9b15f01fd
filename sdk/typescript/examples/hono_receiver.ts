// Receives webhooks with Hono. Runs in Bun and Deno as it is (`bun run hono_receiver.ts`), and in Node.js with
// @hono/node-server. WEBHOOK_SECRET holds the secret of the subscription, or two separated by a comma while it is rotated.
// Register its URL with verifyOwnership while it runs with WEBHOOK_REGISTERING=1, because you do not know the secret yet.
import { verifyWebhook, WebhookVerificationError } from "@leadhouse/sdk";
import { Hono } from "hono";

const secrets = (process.env["WEBHOOK_SECRET"] ?? "").split(",");
/** Only while the registration is in progress: who returns every challenge confirms the registrations of others, too. */
const isRegistering = process.env["WEBHOOK_REGISTERING"] === "1";
/** Deliveries that were processed. Keep them in a database: a delivery may come again hours later. */
const processed = new Set<string>();

const app = new Hono();

app.post("/hook", async (context) => {
  // The raw body: what is signed is its bytes.
  const body = await context.req.text();
  // As text/plain: a browser must not run what somebody else wrote.
  if (isRegistering) return context.text(String(JSON.parse(body).challenge));
  const event = await verifyWebhook(context.req.raw.headers, body, secrets, { contract: "native" });
  if (event.id !== null && processed.has(event.id)) return context.body(null, 204);
  switch (event.type) {
    case "webhook.verification":
      return context.text(event.data.challenge);
    case "lead.created":
      console.log("new lead", event.data.name, event.data.score.value);
      break;
    case "lead.won":
      console.log("won", event.data.id);
      break;
    default:
      console.log("ignored", event.type);
  }
  if (event.id !== null) processed.add(event.id);
  return context.body(null, 204);
});

app.onError((error, context) => {
  if (error instanceof WebhookVerificationError) return context.text(error.message, 401);
  console.error(error.name);
  return context.text("internal error", 500);
});

export default { port: Number(process.env["PORT"] ?? 3000), hostname: "127.0.0.1", fetch: app.fetch };
