// The conformance cases in every runtime.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { isInstalled, startScriptedServer } from "./harness/programs.mjs";
import { RUNTIMES } from "./harness/runtimes.mjs";

/** Fewest cases that the table must have. */
const MIN_CASES = 320;

describe("conformance cases", () => {
  let server;
  before(async () => { server = await startScriptedServer(); });
  after(() => server.stop());

  for (const [name, results] of Object.entries(RUNTIMES)) {
    it(`pass in ${name}`, async (test) => {
      if (!isInstalled(test, results, `${name} (npm ci in sdk/typescript/tests/runtimes)`)) return;
      const found = await results(server.origin, name.replaceAll(/[^A-Za-z0-9]/g, "-"));
      assert.ok(found.length >= MIN_CASES, `only ${found.length} cases`);
      assert.deepEqual(found.filter(({ problems }) => problems.length > 0), []);
    });
  }
});
