// The parts of an OpenAPI document that the client's types are made of.

/**
 * Returns a schema without "one of these fields is required", which the server checks: as types, they would reject the
 * optional values of a form that has one of them.
 */
function withoutChoices(schema) {
  if (Array.isArray(schema)) return schema.map(withoutChoices);
  if (schema === null || typeof schema !== "object") return schema;
  const { anyOf, ...rest } = schema;
  const kept = anyOf !== undefined && schema.properties !== undefined ? rest : schema;
  return Object.fromEntries(Object.entries(kept).map(([name, value]) => [name, withoutChoices(value)]));
}

function jsonOf(content) {
  const schema = content?.["application/json"]?.schema;
  return schema && { "application/json": { schema: withoutChoices(schema) } };
}

function successOf(responses) {
  const kept = Object.entries(responses).filter(([status]) => status.startsWith("2"));
  return Object.fromEntries(kept.map(([status, { content }]) => {
    const json = jsonOf(content);
    return [status, { description: "", ...(json && { content: json }) }];
  }));
}

function slimOperation(operation) {
  const { operationId, requestBody, responses, parameters = [] } = operation;
  const content = jsonOf(requestBody?.content);
  return {
    operationId,
    parameters: parameters.filter((one) => ["path", "query"].includes(one.in)),
    ...(content && { requestBody: { required: requestBody.required ?? false, content } }),
    responses: successOf(responses),
  };
}

function refsIn(value, found = new Set()) {
  if (value === null || typeof value !== "object") return found;
  if (typeof value.$ref === "string") found.add(value.$ref.split("/").at(-1));
  for (const one of Object.values(value)) refsIn(one, found);
  return found;
}

/** Returns the schemas that `roots` lead to. */
function reachable(schemas, roots) {
  const found = refsIn(roots);
  for (const name of found) refsIn(schemas[name], found);
  return Object.fromEntries(Object.entries(schemas).filter(([name]) => found.has(name)));
}

/** Returns the operations of a document, in its order, with path and method. */
export function operationsOf(document) {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    ["get", "post", "patch", "delete"].filter((method) => item[method]).map((method) => ({ path, method, ...item[method] })));
}

/** Returns the document without errors, headers and examples: what types are made of. */
export function slim(document, { paths, webhooks }) {
  const slimItems = (items) => Object.fromEntries(Object.entries(items).map(([path, item]) => [
    path,
    Object.fromEntries(Object.entries(item).filter(([method]) => ["get", "post", "patch", "delete"].includes(method))
      .map(([method, operation]) => [method, slimOperation(operation)])),
  ]));
  const roots = { paths: paths ? slimItems(document.paths) : {}, webhooks: webhooks ? slimItems(document.webhooks) : {} };
  return {
    openapi: document.openapi,
    info: document.info,
    ...roots,
    components: { schemas: reachable(document.components.schemas, roots) },
  };
}
