import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Takes the Kubernetes API's own schemas of the kinds that the fleet makes, without their descriptions:
 *
 *   go mod download -json k8s.io/kubernetes@v1.35.0
 *   node --import tsx test/support/kubernetes-api/extract.ts k8s.io/kubernetes@v1.35.0 <module>/api/openapi-spec/swagger.json
 */
const [source, file] = process.argv.slice(2);
if (source === undefined || file === undefined) throw new Error("usage: extract.ts <source> <swagger.json>");

const kinds = [
  "io.k8s.api.apps.v1.Deployment",
  "io.k8s.api.apps.v1.StatefulSet",
  "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler",
  "io.k8s.api.batch.v1.CronJob",
  "io.k8s.api.batch.v1.Job",
  "io.k8s.api.core.v1.ConfigMap",
  "io.k8s.api.core.v1.Namespace",
  "io.k8s.api.core.v1.PersistentVolumeClaim",
  "io.k8s.api.core.v1.Secret",
  "io.k8s.api.core.v1.Service",
  "io.k8s.api.core.v1.ServiceAccount",
  "io.k8s.api.networking.v1.Ingress",
  "io.k8s.api.networking.v1.NetworkPolicy",
  "io.k8s.api.policy.v1.PodDisruptionBudget",
  "io.k8s.api.rbac.v1.Role",
  "io.k8s.api.rbac.v1.RoleBinding",
];

const { definitions } = JSON.parse(readFileSync(file, "utf8")) as { definitions: Record<string, unknown> };
const found = new Map<string, unknown>();

function take(name: string): void {
  if (found.has(name)) return;
  const definition = withoutDescriptions(definitions[name]);
  if (definition === undefined) throw new Error(`${file} has no ${name}`);
  found.set(name, definition);
  for (const [, reference] of JSON.stringify(definition).matchAll(/"#\/definitions\/([^"]+)"/g)) {
    take(reference as string);
  }
}

function withoutDescriptions(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutDescriptions);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, child]) => key !== "description" || typeof child === "object")
      .map(([key, child]) => [key, withoutDescriptions(child)]),
  );
}

kinds.forEach(take);
const lines = [...found]
  .toSorted(([one], [other]) => (one < other ? -1 : 1))
  .map(([name, definition]) => `"${name}": ${JSON.stringify(definition)}`);
writeFileSync(
  join(__dirname, "schemas.generated.json"),
  `{"source": ${JSON.stringify(source)},\n"definitions": {\n${lines.join(",\n")}\n}}\n`,
);
