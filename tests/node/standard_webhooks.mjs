// Asks the published verifier whether each delivery of the standard input is genuine.
import { text } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';

const results = JSON.parse(await text(process.stdin)).map(({ secret, headers, body }) => {
  try {
    return { accepted: true, payload: new Webhook(secret).verify(body, headers) };
  } catch (error) {
    return { accepted: false, why: error.message };
  }
});
process.stdout.write(JSON.stringify(results));
