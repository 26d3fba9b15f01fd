// Runs the Revenue Defenders document's verification example upon each delivery of the standard input. The example
// is TypeScript meant for the inside of a handler: its types are taken out, and a handler is put around its usage.
// Not a byte of it is written here.
import { text } from 'node:stream/consumers';
import { transform } from 'sucrase';

const { imports, example, secret, deliveries } = JSON.parse(await text(process.stdin));
const module = `${imports}\nexport async function handle(request: any): Promise<any> {\n${example}\nreturn payload;\n}\n`;
const { code } = transform(module, { transforms: ['typescript'], disableESTransforms: true });
const { handle } = await import(`data:text/javascript;base64,${Buffer.from(code).toString('base64')}`);

process.env.WEBHOOK_SECRET = secret;
const results = [];
for (const { headers, body } of deliveries) {
  const result = await handle(new Request('http://127.0.0.1/webhooks/rd', { method: 'POST', headers, body }));
  const rejected = result instanceof Response;
  results.push(rejected ? { status: result.status, text: await result.text() } : { payload: result });
}
process.stdout.write(JSON.stringify(results));
