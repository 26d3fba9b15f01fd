// Builds dist/: ES modules and CommonJS, each with its own types.
import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../", import.meta.url));
const tsc = `${root}node_modules/typescript/bin/tsc`;
const run = (...options) => execFileSync(process.execPath, [tsc, "-p", root, ...options], { stdio: "inherit", cwd: root });

rmSync(`${root}dist`, { recursive: true, force: true });
run("--outDir", "dist/esm");
// CommonJS needs other settings than the sources are checked with.
run("--outDir", "dist/cjs", "--module", "CommonJS", "--moduleResolution", "Node10", "--verbatimModuleSyntax", "false");
writeFileSync(`${root}dist/cjs/package.json`, '{"type": "commonjs"}\n');
