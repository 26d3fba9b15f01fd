// A Cloudflare Worker that receives webhooks at /hook, and takes leads of a form at /form. Secrets are bindings:
// `wrangler secret put WEBHOOK_SECRET`, and LEADHOUSE_API_KEY with only the scope leads:write.
import { createLeadhouse, ValidationError, verifyWebhook, WebhookVerificationError } from "@leadhouse/sdk";

interface Env {
  WEBHOOK_SECRET: string;
  LEADHOUSE_API_KEY: string;
  LEADHOUSE_BASE_URL: string;
}

async function receive(request: Request, env: Env): Promise<Response> {
  try {
    const event = await verifyWebhook(request.headers, await request.text(), env.WEBHOOK_SECRET, { contract: "native" });
    console.log(event.type, event.id);
    return new Response(null, { status: 204 });
  } catch (error) {
    if (error instanceof WebhookVerificationError) return new Response(error.message, { status: 401 });
    throw error;
  }
}

async function sendForm(request: Request, env: Env): Promise<Response> {
  const form = await request.formData();
  const text = (name: string) => String(form.get(name) ?? "");
  const leadhouse = createLeadhouse({ apiKey: env.LEADHOUSE_API_KEY, baseUrl: env.LEADHOUSE_BASE_URL });
  try {
    const lead = { name: text("name"), email: text("email"), message: text("message"), source: "WEB_FORM" };
    const { id } = await leadhouse.leads.create(lead);
    return Response.json({ id }, { status: 201 });
  } catch (error) {
    if (error instanceof ValidationError) return Response.json({ fields: error.fields }, { status: 400 });
    throw error;
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (request.method === "POST" && pathname === "/hook") return receive(request, env);
    if (request.method === "POST" && pathname === "/form") return sendForm(request, env);
    return new Response("not found", { status: 404 });
  },
};
