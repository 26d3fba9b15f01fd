// Runs the conformance cases in the runtime that executes this file, and prints the results as JSON.
// Usage: main.mjs ORIGIN RUN [PART OF A NAME]
import { readFileSync } from "node:fs";
import process from "node:process";
import * as sdk from "../../dist/esm/index.js";
import { runCases } from "./cases.mjs";

const [origin, run, only] = process.argv.slice(2);
const operations = JSON.parse(readFileSync(new URL("../operations.json", import.meta.url), "utf8"));
console.log(JSON.stringify(await runCases({ sdk, origin, run, operations, only })));
