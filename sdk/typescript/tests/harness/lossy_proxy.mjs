// A proxy that passes a request on, and drops the connection after the server has responded: the server has acted, and
// the client does not know.
import { once } from "node:events";
import { createServer } from "node:http";

/** Starts a proxy to `target` that drops the responses for which `isDropped` returns true. */
export async function startLossyProxy(target, isDropped) {
  const seen = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const headers = { ...request.headers };
    for (const name of ["host", "connection", "content-length", "transfer-encoding"]) delete headers[name];
    const body = ["GET", "HEAD"].includes(request.method) ? undefined : Buffer.concat(chunks);
    const reply = await fetch(target + request.url, { method: request.method, headers, body, redirect: "manual" });
    const text = Buffer.from(await reply.arrayBuffer());
    const entry = { method: request.method, path: request.url, status: reply.status, number: seen.length + 1 };
    seen.push(entry);
    if (isDropped(entry, seen)) {
      request.socket.resetAndDestroy();
      return;
    }
    const kept = [...reply.headers].filter(([name]) => !["content-length", "content-encoding", "connection"].includes(name));
    response.writeHead(reply.status, Object.fromEntries(kept)).end(text);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    seen,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
