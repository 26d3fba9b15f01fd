// A project of a user: a folder with the packed package in node_modules, as `npm install` leaves it.
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { output, PACKAGE } from "./programs.mjs";

const COMPILER = join(PACKAGE, "node_modules/typescript/bin/tsc");
const TSCONFIG = {
  compilerOptions: {
    target: "ES2022", module: "NodeNext", moduleResolution: "NodeNext", lib: ["ES2022", "DOM", "DOM.Iterable"],
    strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, types: ["node"], outDir: "out", rootDir: ".",
  },
  include: ["*.ts"],
};

/** Packs the package as it is built, and returns the path of the file. */
export async function pack(folder) {
  const [{ filename, files }] = JSON.parse(await output("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], { cwd: PACKAGE }));
  return { file: join(folder, filename), files: files.map(({ path }) => path) };
}

/** Creates a project. `files` are texts by name. */
export async function createProject(files) {
  const folder = mkdtempSync(join(tmpdir(), "leadhouse-sdk-"));
  const modules = join(folder, "node_modules");
  mkdirSync(join(modules, "@leadhouse/sdk"), { recursive: true });
  mkdirSync(join(modules, "@types"));
  const { file } = await pack(folder);
  await output("tar", ["-xzf", file, "--strip-components=1", "-C", join(modules, "@leadhouse/sdk")]);
  for (const name of ["@types/node", "hono", "undici-types"]) symlinkSync(join(PACKAGE, "node_modules", name), join(modules, name));
  writeFileSync(join(folder, "package.json"), '{"type": "module", "private": true}');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(TSCONFIG));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return {
    folder,
    path: (name) => join(folder, name),
    copy: (from, name) => cpSync(from, join(folder, name)),
    /** Checks and compiles the project's TypeScript under `strict`. */
    compile: () => output(process.execPath, [COMPILER, "-p", folder], { cwd: folder }),
    /** Runs a compiled file, and returns its output. */
    run: (name, environment, ...options) =>
      output(process.execPath, ["--no-warnings", join("out", name), ...options], { cwd: folder, env: { ...process.env, ...environment } }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
