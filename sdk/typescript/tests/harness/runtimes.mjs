// Runs the conformance cases in each runtime, and returns the results that it prints or sends.
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { findProgram, output, PACKAGE, Program, runtimeProgram } from "./programs.mjs";

const MAIN = join(PACKAGE, "tests/conformance/main.mjs");

function inProcess(program, ...options) {
  return program && (async (origin, run) => JSON.parse(await output(program, [...options, MAIN, origin, run])));
}

async function bundle(source, folder) {
  const file = join(folder, "bundle.mjs");
  await build({
    stdin: { contents: source, resolveDir: join(PACKAGE, "tests/conformance") },
    outfile: file, bundle: true, format: "esm", target: "es2022", logLevel: "silent",
  });
  return file;
}

/** Source of a module with a function `results(origin, run)`. */
const RESULTS = `
  import * as sdk from "../../dist/esm/index.js";
  import operations from "../operations.json";
  import { runCases } from "./cases.mjs";
  const results = (origin, run) => runCases({ sdk, origin, run, operations });
`;

async function withFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), "leadhouse-sdk-"));
  try {
    return await work(folder);
  } finally {
    // Processes of Chromium may still write into its profile when the first of them has ended.
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

/** Configuration of workerd: one worker that may call addresses of this machine. */
const WORKERD = (port) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "cases", worker = (
      modules = [(name = "bundle.mjs", esModule = embed "bundle.mjs")],
      compatibilityDate = "2024-09-01",
      globalOutbound = "machine",
    )),
    (name = "machine", network = (allow = ["local", "private", "public"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "cases")],
);
`;

async function responseOf(url) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await fetch(url);
    } catch (error) {
      if (tries === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function inWorkerd(program) {
  return program && ((origin, run) => withFolder(async (folder) => {
    await bundle(`${RESULTS}
      export default {
        async fetch(request) {
          const { searchParams } = new URL(request.url);
          return Response.json(await results(searchParams.get("origin"), searchParams.get("run")));
        },
      };`, folder);
    const port = await freePort();
    writeFileSync(join(folder, "config.capnp"), WORKERD(port));
    const workerd = new Program(program, ["serve", join(folder, "config.capnp")], { input: "ignore" });
    try {
      return await (await responseOf(`http://127.0.0.1:${port}/?${new URLSearchParams({ origin, run })}`)).json();
    } finally {
      await workerd.stop();
    }
  }));
}

/** Serves a page that runs the cases and posts the results; returns them. */
async function resultsOfPage(program, folder, script, origin, run) {
  let receive;
  const results = new Promise((resolve) => { receive = resolve; });
  const server = createServer(async (request, response) => {
    if (request.method === "POST") {
      let text = "";
      for await (const chunk of request) text += chunk;
      receive(JSON.parse(text));
      response.end();
    } else if (request.url === "/bundle.mjs") {
      response.setHeader("content-type", "text/javascript");
      response.end(script);
    } else {
      response.setHeader("content-type", "text/html");
      response.end(`<!doctype html><meta charset="utf-8"><script type="module" src="/bundle.mjs"></script>`);
    }
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}/?${new URLSearchParams({ origin, run })}`;
  // As root, which CI runs as, Chromium starts only without its sandbox. The page is our own.
  const options = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0", `--user-data-dir=${folder}/profile`, url];
  const browser = new Program(program, options, { input: "ignore", stdio: ["ignore", "pipe", "ignore"] });
  const timeout = new Promise((_, reject) => { setTimeout(() => reject(new Error("the page sent no results")), 90_000).unref(); });
  try {
    return await Promise.race([results, timeout]);
  } finally {
    await browser.stop();
    server.closeAllConnections();
    server.close();
  }
}

function inChromium(program) {
  return program && ((origin, run) => withFolder(async (folder) => {
    const file = await bundle(`${RESULTS}
      const { searchParams } = new URL(location.href);
      const send = (value) => fetch("/results", { method: "POST", body: JSON.stringify(value) });
      results(searchParams.get("origin"), searchParams.get("run")).then(send,
        (error) => send([{ name: "page", problems: [String(error)] }]));`, folder);
    return resultsOfPage(program, folder, readFileSync(file), origin, run);
  }));
}

/** Runtimes by name, each a function that returns the results of the cases, or `undefined` if it is not installed. */
export const RUNTIMES = {
  "this Node.js": inProcess(process.execPath),
  "the oldest Node.js, 18.0": inProcess(runtimeProgram("node-oldest/bin/node"), "--no-warnings"),
  "the newest Node.js": inProcess(runtimeProgram("node-newest/bin/node")),
  Bun: inProcess(runtimeProgram("@oven/bun-linux-x64-baseline/bin/bun")),
  Deno: inProcess(runtimeProgram("@deno/linux-x64-glibc/deno"), "run", "--allow-net", "--allow-read", "--no-lock"),
  workerd: inWorkerd(runtimeProgram("@cloudflare/workerd-linux-64/bin/workerd")),
  Chromium: inChromium(findProgram("chromium", "chromium-browser", "google-chrome")),
};
