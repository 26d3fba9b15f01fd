// Programs that the tests start, and what is missing on this machine.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** Folder of the package. */
export const PACKAGE = fileURLToPath(new URL("../../", import.meta.url));
/** Folder of the repository. */
export const REPOSITORY = fileURLToPath(new URL("../../../../", import.meta.url));

/** Returns the path of a program, or `undefined` if it is missing. */
export function findProgram(...names) {
  const folders = (process.env.PATH ?? "").split(delimiter);
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find((path) => existsSync(path));
}

/** `true` in a run of CI. */
export const isCi = !["", "0", "false"].includes(process.env.CI ?? "");

/** Returns the reason to skip tests because of a missing program, or `false`. In CI nothing may be missing. */
export function skipUnless(found, requirement) {
  if (found) return false;
  if (isCi) throw new Error(`CI must have ${requirement}`);
  return `${requirement} is not installed`;
}

/** Returns whether a test can run. If not, it is reported as skipped, in CI as failed. */
export function isInstalled(test, found, requirement) {
  const reason = skipUnless(found, requirement);
  if (reason) test.skip(reason);
  return !reason;
}

/** Returns the path of a runtime of tests/runtimes, or `undefined` if it is not installed. */
export function runtimeProgram(path) {
  const folder = process.env.LEADHOUSE_SDK_RUNTIMES ?? join(PACKAGE, "tests/runtimes/node_modules");
  const program = join(folder, path);
  try {
    accessSync(program);
    return program;
  } catch {
    return undefined;
  }
}

/** A started program whose first line of output is JSON. */
export class Program {
  constructor(command, options, { input = "pipe", ...rest } = {}) {
    this.child = spawn(command, options, { stdio: [input, "pipe", "inherit"], ...rest });
    this.lines = createInterface({ input: this.child.stdout });
  }

  async firstLine() {
    const [line] = await once(this.lines, "line");
    return JSON.parse(line);
  }

  async stop() {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const ended = once(this.child, "exit");
    this.child.kill("SIGTERM");
    const hard = setTimeout(() => this.child.kill("SIGKILL"), 5_000);
    await ended;
    clearTimeout(hard);
  }
}

/** Runs a program to its end, and returns its output. */
export async function output(command, options, { input, ...rest } = {}) {
  const child = spawn(command, options, { stdio: ["pipe", "pipe", "pipe"], ...rest });
  const chunks = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) child[name].setEncoding("utf8").on("data", (text) => { chunks[name] += text; });
  child.stdin.end(input ?? "");
  const [code] = await once(child, "close");
  if (code !== 0) throw new Error(`${command} ${options.join(" ")} ended with ${code}: ${chunks.stderr}${chunks.stdout}`);
  return chunks.stdout;
}

/** Starts the scripted server of the conformance cases. */
export async function startScriptedServer() {
  const program = new Program(process.execPath, [join(REPOSITORY, "sdk/conformance/server.mjs")]);
  const { origin } = await program.firstLine();
  return { origin, stop: () => program.stop() };
}

/** Waits until a server responds to a `POST` without a signature, and returns its response. */
export async function untilReady(url) {
  for (let tries = 0; ; tries += 1) {
    try {
      return await fetch(url, { method: "POST", body: "{}" });
    } catch (error) {
      if (tries === 300) throw error;
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
  }
}
