// Writes the notices of the packages in the script: reads them from its source map, installs them in the folder given as
// the second argument, and prints each licence text with the packages that it covers.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [map, folder] = process.argv.slice(2);
const versions = {};
for (const source of JSON.parse(readFileSync(map, "utf8")).sources) {
  const [, name, version] = source.match(/node_modules\/\.pnpm\/((?:@[^+/]+\+)?[^@/]+)@([^/_(]+)/) ?? [];
  if (name) versions[name.replace("+", "/")] = version;
}
writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, dependencies: versions }));
const options = ["--silent", "--ignore-scripts", "--legacy-peer-deps", "--no-audit", "--no-fund"];
execFileSync("npm", ["install", ...options], { cwd: folder, stdio: "inherit" });

const covered = new Map();
for (const [name, version] of Object.entries(versions).sort()) {
  const own = join(folder, "node_modules", name);
  const file = readdirSync(own).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const { license } = JSON.parse(readFileSync(join(own, "package.json"), "utf8"));
  const text = file && existsSync(join(own, file)) ? readFileSync(join(own, file), "utf8").trim() : `Licence: ${license}`;
  covered.set(text, [...(covered.get(text) ?? []), `${name} ${version}`]);
}
console.log("The script standalone.js has parts of these packages.\n");
for (const [text, packages] of covered) console.log(`${"=".repeat(80)}\n${packages.join("\n")}\n\n${text}\n`);
