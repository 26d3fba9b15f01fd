// The package as it is published: contents, types for every kind of import, size, and generated files.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { publint } from "publint";
import { isInstalled, output, PACKAGE, REPOSITORY, runtimeProgram } from "./harness/programs.mjs";
import { createProject, pack } from "./harness/project.mjs";

const manifest = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8"));
const readme = readFileSync(join(PACKAGE, "README.md"), "utf8");
/** Imports whose size the README states. */
const IMPORTS = ["everything", "createLeadhouse", "createClient", "verifyWebhook"];
/** Part of a stated size that may be headroom. */
const MAX_HEADROOM = 0.15;
/** Files that each source file becomes: code and types, as an ES module and as CommonJS. */
const FILES_PER_SOURCE = 4;

async function sizeOf(name) {
  const contents = name === "everything" ? 'export * from "./index.js";' : `export { ${name} } from "./index.js";`;
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: join(PACKAGE, "dist/esm") }, bundle: true, minify: true, format: "esm", write: false, target: "es2022",
  });
  const [{ contents: code }] = outputFiles;
  return { minified: code.length, gzip: gzipSync(code, { level: 9 }).length };
}

describe("the package", () => {
  let folder;
  let packed;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "leadhouse-sdk-"));
    packed = await pack(folder);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("has code, types, readme, changelog and licences, and nothing else", () => {
    const others = packed.files.filter((file) => !/^dist\/(esm|cjs)\/.*\.(js|d\.ts)$/.test(file)).sort();
    assert.deepEqual(others, ["CHANGELOG.md", "LICENSE-APACHE", "LICENSE-MIT", "README.md", "dist/cjs/package.json", "package.json"]);
    const sources = readdirSync(join(PACKAGE, "src"), { recursive: true }).filter((name) => name.endsWith(".ts"));
    assert.equal(packed.files.length - others.length, sources.length * FILES_PER_SOURCE);
  });

  it("has no dependencies and no install scripts", () => {
    assert.equal(manifest.dependencies, undefined);
    for (const script of ["preinstall", "install", "postinstall"]) assert.equal(manifest.scripts[script], undefined);
  });

  it("has one version", () => {
    const version = readFileSync(join(PACKAGE, "src/version.ts"), "utf8").match(/VERSION = "(.*)"/)[1];
    const changelog = readFileSync(join(PACKAGE, "CHANGELOG.md"), "utf8").match(/^## (.*)$/m)[1];
    assert.deepEqual([version, changelog], [manifest.version, manifest.version]);
  });

  it("names the version of the API that it was made for", () => {
    const { info } = JSON.parse(readFileSync(join(REPOSITORY, "openapi/native.json"), "utf8"));
    const [, version] = readFileSync(join(PACKAGE, "CHANGELOG.md"), "utf8").match(/version (\d+\.\d+) of the Leadhouse API/);
    assert.equal(`${version}.`, info.version.match(/^\d+\.\d+\./)[0]);
  });

  it("passes publint", async () => {
    const { messages } = await publint({ pkgDir: PACKAGE, strict: true, pack: false });
    assert.deepEqual(messages, []);
  });

  it("has right types for every kind of import", async () => {
    const attw = join(PACKAGE, "node_modules/@arethetypeswrong/cli/dist/index.js");
    await output(process.execPath, [attw, packed.file, "--no-color"]);
  });

  it("is typed as callers expect, as ES modules and as CommonJS", async () => {
    const types = readFileSync(new URL("types.ts", import.meta.url), "utf8");
    const project = await createProject({ "types.ts": types, "common.cts": types });
    try {
      await project.compile();
    } finally {
      project.remove();
    }
  });

  // Web Crypto of Node.js 18 is a module.
  for (const [name, node] of [["this Node.js", process.execPath], ["Node.js 18", runtimeProgram("node-oldest/bin/node")]]) {
    it(`is loaded by require in ${name}`, async (test) => {
      if (!isInstalled(test, node, name)) return;
      const program = `const { signWebhook, verifyWebhook } = require("@leadhouse/sdk");
        signWebhook("{}", "whsec_AA==").then((headers) => verifyWebhook(headers, "{}", "whsec_AA==")).then(({ scheme }) => console.log(scheme));`;
      const project = await createProject({ "program.cjs": program });
      try {
        assert.equal(await output(node, ["--no-warnings", project.path("program.cjs")]), "standard\n");
      } finally {
        project.remove();
      }
    });
  }

  for (const name of IMPORTS) {
    it(`is as small as the README says: ${name}`, async () => {
      const [, ...stated] = readme.match(new RegExp(`^\\| \x60?${name}\x60? \\| ([\\d.]+) KB \\| ([\\d.]+) KB \\|$`, "m"));
      const { minified, gzip } = await sizeOf(name);
      for (const [bytes, text] of [[minified, stated[0]], [gzip, stated[1]]]) {
        const most = Number(text) * 1_000;
        assert.ok(bytes <= most && bytes >= most * (1 - MAX_HEADROOM), `${name}: ${bytes} bytes, ${text} KB in the README`);
      }
    });
  }

  it("leaves out of a bundle what is not imported", async () => {
    const { outputFiles } = await build({
      stdin: { contents: 'export { verifyWebhook } from "./index.js";', resolveDir: join(PACKAGE, "dist/esm") }, bundle: true, format: "esm", write: false,
    });
    assert.doesNotMatch(outputFiles[0].text, /suppressions|retry-after|idempotency/i);
  });

  it("has the types of the OpenAPI documents", async () => {
    await output(process.execPath, [join(PACKAGE, "scripts/generate.mjs"), "--check"]);
  });
});
