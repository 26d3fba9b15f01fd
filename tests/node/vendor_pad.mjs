// Runs the VendorPad document's Node.js example upon each delivery of the standard input: it throws at a bad one.
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';

const { example, secret, deliveries } = JSON.parse(await text(process.stdin));
const verify = new Function('require', 'req', 'rawBody', example);
process.env.VP_WEBHOOK_SECRET = secret;
const results = deliveries.map(({ headers, body }) => {
  try {
    verify(createRequire(import.meta.url), { headers }, body);
    return 'accepted';
  } catch (error) {
    return error.message;
  }
});
process.stdout.write(JSON.stringify(results));
