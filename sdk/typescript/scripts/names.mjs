// Names of the operations in the client: [group, method]. An operation without a line here
// gets the name that `nameOf` derives; a line is needed where that is taken or reads badly.
const NAMES = {
  getHealth: ["health", "get"],
  getMe: ["me", "get"],
  getOpenApiDocument: ["openApiDocument", "get"],
  getKpis: ["analytics", "kpis"],
  purgeTestData: ["testData", "purge"],
  listAuditLog: ["auditLog", "list"],
  getEventSample: ["eventTypes", "sample"],
  getEvidenceSummary: ["disputes", "evidenceSummary"],
  createPackage: ["packages", "create"],
  getPackage: ["packages", "get"],
  readEventLog: ["eventLog", "read"],
  addExampleEvent: ["eventLog", "addExample"],
  recordVisitorEvent: ["visitorEvents", "record"],
  createLeads: ["leads", "createBatch"],
  eraseLead: ["leads", "erase"],
  listLeadMessages: ["messages", "list"],
  getLeadSequence: ["sequences", "get"],
  startSequence: ["sequences", "start"],
  stopSequence: ["sequences", "stop"],
  lookUpSuppression: ["suppressions", "lookUp"],
  liftSuppression: ["suppressions", "lift"],
  rotateKey: ["keys", "rotate"],
  revokeKey: ["keys", "revoke"],
  retryDelivery: ["deliveries", "retry"],
  rotateWebhookSecret: ["webhooks", "rotateSecret"],
  recoverWebhook: ["webhooks", "recover"],
  testWebhook: ["webhooks", "test"],
  reportInbound: ["inbound", "report"],
  createInboundSecret: ["inbound", "createSecret"],
};

/**
 * Operations without a generated method: a page for people, a redirect for browsers (`packages.get` has the link), and what
 * src/inbound.ts signs.
 */
export const LEFT_OUT = new Set(["getDocumentationPage", "getPackageDocument", "reportInbound"]);

const VERBS = ["list", "get", "create", "update", "delete"];

function camelCase(text) {
  const [first, ...rest] = text.toLowerCase().split(/[^a-z0-9]+/);
  return first + rest.map((word) => word[0].toUpperCase() + word.slice(1)).join("");
}

/** Returns group and method of an operation. */
export function nameOf({ operationId, tags }) {
  if (NAMES[operationId]) return NAMES[operationId];
  const verb = VERBS.find((one) => operationId.startsWith(one));
  return [camelCase(tags[0]), verb ?? operationId];
}
