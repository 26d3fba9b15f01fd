// A local Leadhouse server for tests, with the demo tenants.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Program, REPOSITORY } from "./programs.mjs";

/** Longest start of the server, in milliseconds, on a busy machine. */
const START_TIMEOUT = 60_000;

/** Returns the path of the server's binary, or `undefined` if it is not built. */
export function serverBinary() {
  const target = process.env.CARGO_TARGET_DIR ?? join(REPOSITORY, "target");
  const built = [process.env.CARGO_BUILD_TARGET ?? "", ""].map((triple) => join(target, triple, "debug/leadhouse"));
  return [process.env.LEADHOUSE_BINARY, ...built].find((path) => path && existsSync(path));
}

/** Starts a server, and returns its address, its demo credentials and a function that stops it. */
export async function startLeadhouse(...options) {
  const folder = mkdtempSync(join(tmpdir(), "leadhouse-sdk-"));
  const file = join(folder, "demo.json");
  const server = new Program(serverBinary(), ["serve", "--listen", "127.0.0.1:0", "--credentials", file, ...options], {
    env: { ...process.env, RUST_LOG: "warn" },
  });
  server.child.stdout.resume();
  const end = Date.now() + START_TIMEOUT;
  while (!existsSync(file)) {
    if (Date.now() > end || server.child.exitCode !== null) throw new Error("the server did not start");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const credentials = JSON.parse(readFileSync(file, "utf8"));
  return {
    ...credentials,
    file,
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
