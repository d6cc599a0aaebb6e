import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Ajv, { type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { goPattern } from "../../src/rehearsal/provider/kubernetes/custom-resource/go-pattern";
import type { PrintedResource } from "./kubernetes-resources";

/** A node of a CRD's structural schema, as far as it is rewritten here. */
interface SchemaNode {
  readonly type?: string;
  readonly properties?: Record<string, SchemaNode>;
  readonly items?: SchemaNode;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly nullable?: boolean;
  readonly "x-kubernetes-preserve-unknown-fields"?: boolean;
  readonly "x-kubernetes-int-or-string"?: boolean;
  readonly [keyword: string]: unknown;
}

const LABEL_VALUE = "^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$";
const metadataSchema = {
  type: "object",
  required: ["name"],
  additionalProperties: false,
  properties: {
    name: {
      type: "string",
      maxLength: 253,
      pattern: "^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$",
    },
    namespace: { type: "string", maxLength: 63, pattern: "^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$" },
    labels: { type: "object", additionalProperties: { type: "string", pattern: LABEL_VALUE } },
    annotations: { type: "object", additionalProperties: { type: "string" } },
  },
};

const ajv = new Ajv({
  strict: false,
  allErrors: true,
  formats: { string: true },
  code: { regExp: goPattern },
});
addFormats(ajv);
// Kubernetes checks these two itself: a duration is Go's (`1h30m`), not ISO's.
ajv.addFormat("duration", /^(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+$/);
const validators = new Map<string, ValidateFunction>();
for (const file of readdirSync(join(__dirname, "crds", "schemas"))) {
  const { schemas } = JSON.parse(readFileSync(join(__dirname, "crds", "schemas", file), "utf8")) as {
    schemas: Record<string, { schema: SchemaNode }>;
  };
  for (const [kind, { schema }] of Object.entries(schemas)) {
    validators.set(
      kind,
      ajv.compile({
        ...closed(schema),
        required: ["apiVersion", "kind", "metadata", ...((schema.required as string[] | undefined) ?? [])],
        properties: { ...closed(schema).properties, metadata: metadataSchema },
      }),
    );
  }
}
// AKS brings the same CRDs under a group of its own.
for (const kind of ["PodMonitor", "ServiceMonitor"]) {
  const validator = validators.get(`monitoring.coreos.com/v1/${kind}`);
  if (validator !== undefined) validators.set(`azmonitoring.coreos.com/v1/${kind}`, validator);
}

/**
 * Says what the API server would refuse or drop about a custom resource: what its CRD's schema says about types,
 * required fields, allowed values and unknown fields. The rules that CRDs write in CEL are not evaluated.
 */
export function findCrdProblems(resource: PrintedResource): string[] {
  const validate = validators.get(`${resource.apiVersion}/${resource.kind}`);
  const who = `${resource.kind} '${resource.metadata.name}'`;
  if (validate === undefined) {
    return [`${who}: no schema of ${resource.apiVersion}; add it with test/support/crds/extract.ts`];
  }
  if (validate(resource)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${who}: ${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}

/** The schema with unknown fields refused: the API server drops them without a word, which is worse. */
function closed(node: SchemaNode): SchemaNode {
  const open = node["x-kubernetes-preserve-unknown-fields"] === true;
  const { format, type, ...rest } = node;
  return {
    ...rest,
    ...(type === undefined || node["x-kubernetes-int-or-string"] ? {} : { type }),
    ...(format === undefined || format === "" ? {} : { format }),
    ...(node.items === undefined ? {} : { items: closed(node.items) }),
    ...(node.properties === undefined
      ? {}
      : {
          properties: Object.fromEntries(
            Object.entries(node.properties).map(([name, property]) => [name, closed(property)]),
          ),
          ...(open || node.additionalProperties !== undefined ? {} : { additionalProperties: false }),
        }),
    ...(typeof node.additionalProperties === "object"
      ? { additionalProperties: closed(node.additionalProperties) }
      : {}),
  } as SchemaNode;
}
