// Imports leads from a CSV file whose first line names the columns (name, email, phone, …): node import_csv.js leads.csv
// Columns that a lead does not have are kept in its attributes. It can be run again after a failure: each batch has an
// idempotency key made of the file's content, so that no lead is stored twice.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createLeadhouse } from "@leadhouse/sdk";

type NewLead = Parameters<typeof leadhouse.leads.create>[0];

/** Largest batch that the API accepts. */
const MAX_BATCH = 100;

const leadhouse = createLeadhouse();

/** Returns the rows of a CSV text (RFC 4180: quoted values may hold commas, quotes and line breaks). */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r?\n|$)/g)) {
    row.push(quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    if (row.some((value) => value !== "")) rows.push(row);
    row = [];
  }
  return rows;
}

const file = process.argv[2];
if (file === undefined) throw new Error("Usage: import_csv FILE");
const text = readFileSync(file, "utf8").replace(/^\uFEFF/, "");
const [columns = [], ...rows] = parseCsv(text);
const leads = rows.map((row) => Object.fromEntries(columns.map((column, index) => [column.trim(), row[index] ?? ""])));
const digest = createHash("sha256").update(text).digest("hex");

let stored = 0;
for (let start = 0; start < leads.length; start += MAX_BATCH) {
  const batch = leads.slice(start, start + MAX_BATCH) as unknown as NewLead[];
  const { results } = await leadhouse.leads.createBatch({ leads: batch }, { idempotencyKey: `${digest}-${start}` });
  for (const [index, result] of results.entries()) {
    if ("lead" in result) stored += 1;
    else console.log(`row ${start + index + 2}: ${result.error.message} ${result.error.details?.map(({ message }) => message).join("; ")}`);
  }
}
console.log(`${stored} of ${leads.length} leads stored`);
