// A webhook receiver on this machine that keeps what it has received.
import { once } from "node:events";
import { createServer } from "node:http";

/** Longest wait for a delivery, in milliseconds, on a busy machine. */
const DELIVERY_TIMEOUT = 30_000;

/** Starts a receiver; `next(count)` waits until so many deliveries have arrived, and returns all. */
export async function startReceiver() {
  const deliveries = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    deliveries.push({ headers: request.headers, rawHeaders: request.rawHeaders, body: Buffer.concat(chunks) });
    response.writeHead(204).end();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${server.address().port}/hook`,
    deliveries,
    async next(count) {
      const end = Date.now() + DELIVERY_TIMEOUT;
      while (deliveries.length < count) {
        if (Date.now() > end) throw new Error(`${deliveries.length} of ${count} deliveries arrived`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return deliveries;
    },
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
