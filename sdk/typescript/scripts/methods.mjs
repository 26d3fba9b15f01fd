// The classes of a client, written from an OpenAPI document: one for each group of operations.
import { LEFT_OUT, nameOf } from "./names.mjs";
import { operationsOf } from "./document.mjs";

function pascalCase(name) {
  return name[0].toUpperCase() + name.slice(1);
}

function comment(text, indent) {
  const lines = text.replaceAll("*/", "*\\/").split("\n").map((line) => `${indent} * ${line}`.trimEnd());
  return [`${indent}/**`, ...lines, `${indent} */`].join("\n");
}

function isList(operation) {
  const names = (operation.parameters ?? []).map((one) => one.name);
  return operation.method === "get" && names.includes("cursor");
}

function queryOf(operation) {
  return (operation.parameters ?? []).filter((one) => one.in === "query");
}

/** Returns whether callers pass a body: some operations accept only an empty one. */
function hasBody({ requestBody }) {
  const schema = requestBody?.content["application/json"].schema;
  return schema !== undefined && (schema.$ref !== undefined || Object.keys(schema.properties ?? {}).length > 0);
}

/** Returns the type of what an operation returns, and the types that it names. */
function resultOf(operation) {
  const success = Object.entries(operation.responses).filter(([status]) => status.startsWith("2"));
  const schemas = success.map(([, response]) => response.content?.["application/json"]?.schema);
  const names = [...new Set(schemas.map((schema) => {
    if (!schema) return "null";
    return schema.$ref ? schema.$ref.split("/").at(-1) : `${pascalCase(operation.operationId)}Result`;
  }))];
  return names.sort((a, b) => (a === "null") - (b === "null")).join(" | ");
}

/** Returns the parameters of a method with their types. */
function signature(operation) {
  const type = pascalCase(operation.operationId);
  const parameters = [];
  if (operation.path.includes("{id}")) parameters.push("id: string");
  if (hasBody(operation)) {
    const isOptional = !operation.requestBody.required;
    parameters.push(`body${isOptional ? "?" : ""}: ${type}Body`);
  }
  const query = queryOf(operation);
  if (query.length > 0) {
    const isOptional = query.every((one) => !one.required);
    parameters.push(`query${isOptional ? "?" : ""}: ${type}Query`);
  }
  return parameters;
}

function argumentsOf(operation) {
  const parts = [];
  if (operation.path.includes("{id}")) parts.push("id");
  if (hasBody(operation)) parts.push("body");
  if (queryOf(operation).length > 0) parts.push("query");
  return parts.length > 0 ? `{ ${parts.join(", ")} }` : "{}";
}

function method(name, operation) {
  const parameters = [...signature(operation), "options?: RequestOptions"].join(", ");
  const result = resultOf(operation);
  const description = [operation.summary && `${operation.summary}.`, operation.description].filter(Boolean).join("\n\n");
  const call = `"${operation.path}", ${argumentsOf(operation)}, options`;
  const lines = [
    comment(description, "  "),
    `  ${name}(${parameters}): ApiPromise<${result}> {`,
    `    return this.call("${operation.method.toUpperCase()}", ${call});`,
    "  }",
  ];
  if (isList(operation)) {
    const page = resultOf(operation);
    const suffix = name === "list" ? "" : pascalCase(name);
    lines.push(
      "",
      comment(`Yields every entry of \`${name}\`, page by page, as they are read.`, "  "),
      `  iterate${suffix}(${parameters}): AsyncGenerator<ItemOf<${page}>, void, undefined> {`,
      `    return this.items<${page}>(${call});`,
      "  }",
      "",
      comment(`Yields every page of \`${name}\`.`, "  "),
      `  pages${suffix}(${parameters}): AsyncGenerator<${page}, void, undefined> {`,
      `    return this.everyPage<${page}>(${call});`,
      "  }",
    );
  }
  return lines.join("\n");
}

/** Returns the operations of each group, by method. */
export function groupsOf(document) {
  const groups = new Map();
  for (const operation of operationsOf(document)) {
    if (LEFT_OUT.has(operation.operationId)) continue;
    const [group, name] = nameOf(operation);
    if (!groups.has(group)) groups.set(group, new Map());
    if (groups.get(group).has(name)) {
      throw new Error(`two operations are ${group}.${name}: add ${operation.operationId} to scripts/names.mjs`);
    }
    groups.get(group).set(name, operation);
  }
  return groups;
}

function typesUsed(text) {
  return new Set(text.match(/\b[A-Z][A-Za-z0-9]*\b/g));
}

/** Returns a function that makes every group of a client. */
function groupFunction(groups) {
  const entries = groups.map(({ group, description }) =>
    `${comment(description, "    ")}\n    ${group}: new ${pascalCase(group)}Api(settings, pageForm),`);
  return [
    "/** Returns the groups of operations of a client. */",
    "export function createGroups(settings: Settings, pageForm: PageForm) {",
    "  return {",
    ...entries,
    "  };",
    "}",
  ].join("\n");
}

/** Returns the TypeScript source of the classes, which import their types from `typesModule`. */
export function classesOf(document, typesModule, typeNames) {
  const groups = [...groupsOf(document)].map(([group, methods]) => {
    const tag = [...methods.values()][0].tags[0];
    return { group, methods, description: document.tags?.find((one) => one.name === tag)?.description ?? tag };
  });
  const classes = groups.map(({ group, methods, description }) => {
    const body = [...methods].map(([name, operation]) => method(name, operation)).join("\n\n");
    return `${comment(description, "")}\nexport class ${pascalCase(group)}Api extends Resource {\n${body}\n}`;
  });
  const code = [...classes, groupFunction(groups)].join("\n\n");
  const used = [...typesUsed(code)].filter((name) => typeNames.has(name)).sort();
  return [
    "// Generated by `npm run generate` from the OpenAPI document. Do not edit.",
    'import type { ApiPromise } from "../api-promise.js";',
    'import type { RequestOptions, Settings } from "../options.js";',
    'import { type ItemOf, type PageForm, Resource } from "../resource.js";',
    `import type {\n${used.map((name) => `  ${name},`).join("\n")}\n} from "${typesModule}";`,
    "",
    code,
    "",
  ].join("\n");
}

/** Returns the names that the classes give to the schemas, bodies, queries and results of a document. */
export function aliasesOf(document) {
  const lines = [];
  const names = new Set();
  const add = (name, type) => {
    names.add(name);
    lines.push(`export type ${name} = ${type};`);
  };
  // `Error` would hide the global one wherever it is imported.
  for (const name of Object.keys(document.components.schemas)) {
    if (name !== "Error") add(name, `components["schemas"]["${name}"]`);
  }
  for (const operation of operationsOf(document)) {
    const type = pascalCase(operation.operationId);
    const at = `operations["${operation.operationId}"]`;
    if (hasBody(operation)) {
      add(`${type}Body`, `NonNullable<${at}["requestBody"]>["content"]["application/json"]`);
    }
    if (queryOf(operation).length > 0) add(`${type}Query`, `NonNullable<${at}["parameters"]["query"]>`);
    for (const [status, response] of Object.entries(operation.responses)) {
      const schema = response.content?.["application/json"]?.schema;
      if (status.startsWith("2") && schema && !schema.$ref) {
        add(`${type}Result`, `${at}["responses"][${status}]["content"]["application/json"]`);
      }
    }
  }
  return { text: lines.join("\n"), names };
}

/** Returns the operations of a document by id, for tests that call every one. */
export function operationTable(document) {
  const table = {};
  for (const [group, methods] of groupsOf(document)) {
    for (const [name, operation] of methods) {
      table[operation.operationId] = {
        group,
        method: name,
        takes: [
          ...(operation.path.includes("{id}") ? ["id"] : []),
          ...(hasBody(operation) ? ["body"] : []),
          ...(queryOf(operation).length > 0 ? ["query"] : []),
        ],
        isList: isList(operation),
      };
    }
  }
  return table;
}
