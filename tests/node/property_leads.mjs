// Runs the property-leads document's verification example upon each delivery of the standard input.
import { createRequire } from 'node:module';
import { text } from 'node:stream/consumers';

const { example, secret, deliveries } = JSON.parse(await text(process.stdin));
const verifySignature = new Function('require', `${example}\nreturn verifySignature;`)(createRequire(import.meta.url));
const results = deliveries.map(({ headers, body }) => {
  try {
    return verifySignature(body, headers['x-signature'], secret);
  } catch (error) {
    return error.message;
  }
});
process.stdout.write(JSON.stringify(results));
