// Opens a dispute and adds a file to it as evidence: node upload_evidence.js receipt.pdf
import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { createLeadhouse, UploadError } from "@leadhouse/sdk";

const leadhouse = createLeadhouse();
const path = process.argv[2];
if (path === undefined) throw new Error("Usage: upload_evidence FILE");
const file = readFileSync(path);

const dispute = await leadhouse.disputes.create({
  reason: "NOT_RECEIVED",
  amountCents: 15_000,
  customerClaim: "The parcel never came.",
});
try {
  const evidence = await leadhouse.evidence.upload({
    category: "RECEIPT",
    disputeId: dispute.id,
    title: "Receipt of the courier",
    file,
    name: basename(path),
  });
  console.log(evidence.status, evidence.file?.size, evidence.sha256);
} catch (error) {
  if (error instanceof UploadError) console.error(error.message, error.evidence.id);
  throw error;
}
