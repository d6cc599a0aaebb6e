import type { Cloud } from "../../cloud";
import { at, isObject, type ObjectValue, textAt, type Value } from "../../value";
import type { CrdSchema, CustomKind } from "../custom-resource/crd-schema";
import { isJsonObject, type Json } from "../field";
import { type ApiObject, isApiObject, type KnownKind } from "../judge";
import { aksAddOns, type Bundle, kindInBundle, vendorCharts } from "../schema/vendor-kinds";
import { chartName, isRemote, objectsIn, valueAt, valuesOf } from "./release";

/** A definition of a custom resource, as far as it is read here. */
interface Definition {
  readonly spec?: {
    readonly group?: string;
    readonly scope?: string;
    readonly names?: { readonly kind?: string };
    readonly versions?: readonly {
      readonly name?: string;
      readonly served?: boolean;
      readonly schema?: { readonly openAPIV3Schema?: CrdSchema };
    }[];
  };
}

/**
 * The kinds that were added to the cluster that a provider's configuration talks to.
 *
 * @param others definitions that are on their way into it
 */
export function kindsOf(
  cloud: Cloud,
  others: readonly ApiObject[] = [],
): (apiVersion: string, kind: string) => KnownKind | undefined {
  return (apiVersion, kind) => {
    const releases = cloud.ledger.ofType("helm_release").filter(({ scope }) => scope === cloud.scope);
    const definitions = [
      ...others,
      ...releases.flatMap(({ attributes }) => objectsIn(attributes)),
      ...manifestsIn(cloud),
    ].filter((object) => object.kind === "CustomResourceDefinition");
    const defined = findDefined(definitions, apiVersion, kind);
    if (defined !== undefined) return defined;
    const remote = releases.map(({ attributes }) => attributes).filter(isRemote);
    for (const bundle of [...bundlesOf(remote), ...addOnsOf(cloud)]) {
      const found = kindInBundle(bundle, apiVersion, kind);
      if (found !== undefined) return found;
    }
    // Any other chart from elsewhere may have brought it.
    return remote.some((attributes) => vendorCharts[chartName(attributes)] === undefined)
      ? "not judged"
      : undefined;
  };
}

const kindsOfDefinition = new WeakMap<object, ReadonlyMap<string, CustomKind>>();

function findDefined(
  definitions: readonly ApiObject[],
  apiVersion: string,
  kind: string,
): CustomKind | undefined {
  for (const definition of definitions) {
    const found = readDefinition(definition).get(`${apiVersion}/${kind}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

function readDefinition(definition: ApiObject): ReadonlyMap<string, CustomKind> {
  const known = kindsOfDefinition.get(definition);
  if (known !== undefined) return known;
  const { group = "", scope, names, versions = [] } = (definition as unknown as Definition).spec ?? {};
  const kinds = new Map(
    versions
      .filter(({ served }) => served === true)
      .map(({ name, schema }) => [
        `${group}/${name}/${names?.kind}`,
        { group, namespaced: scope !== "Cluster", schema: schema?.openAPIV3Schema ?? {} },
      ]),
  );
  kindsOfDefinition.set(definition, kinds);
  return kinds;
}

const objectsOfManifests = new WeakMap<object, ApiObject>();

function manifestsIn(cloud: Cloud): ApiObject[] {
  return cloud.ledger
    .ofType("kubernetes_manifest")
    .filter(({ scope }) => scope === cloud.scope)
    .flatMap(({ attributes }) => {
      const known = objectsOfManifests.get(attributes);
      const object = known ?? manifestOf(attributes);
      if (object !== undefined) objectsOfManifests.set(attributes, object);
      return object === undefined ? [] : [object];
    });
}

/** The object of a `kubernetes_manifest`. */
export function manifestOf(attributes: ObjectValue): ApiObject | undefined {
  const object = toJson(at({ attributes }, "attributes.manifest"));
  return isApiObject(object) ? object : undefined;
}

function toJson(value: Value | undefined): Json {
  // What carries its own type, and what isn't known, is neither a list nor an object.
  if (value === undefined || value === null) return null;
  if (Array.isArray(value)) return value.map((item: Value) => toJson(item));
  if (isObject(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, toJson(child)]));
  }
  if (typeof value === "object") return "value" in value ? toJson(value.value as Value) : null;
  return value;
}

/** Whether a release's chart could bring kinds that nobody here knows. */
function bundlesOf(releases: readonly ObjectValue[]): Bundle[] {
  return releases.flatMap((attributes) => {
    const chart = vendorCharts[chartName(attributes)];
    if (chart === undefined || attributes.skip_crds === true) return [];
    const values = valuesOf(attributes);
    return chart.isOn((path) => valueAt(values, path)) ? [chart] : [];
  });
}

/** What the cloud has put into the cluster: add-ons of an AKS cluster that it made itself, or that was there before. */
function addOnsOf(cloud: Cloud): Bundle[] {
  const cluster = cloud.ledger
    .ofType("azurerm_kubernetes_cluster")
    .find(({ attributes }) =>
      ["kube_config.0.host", "kube_admin_config.0.host"].some(
        (path) => textAt(attributes, path) === cloud.scope,
      ),
    );
  if (cluster === undefined) return [];
  const { attributes, addedBy } = cluster;
  // Of a cluster that was there before, not everything is declared.
  const has = (path: string) => addedBy !== undefined || isOn(at(attributes, path));
  return [
    aksAddOns.always,
    ...(has("workload_autoscaler_profile.0.keda_enabled") ? [aksAddOns.keda] : []),
    ...(has("key_vault_secrets_provider.0") ? [aksAddOns.secretsStore] : []),
    ...(has("monitor_metrics.0") ? [aksAddOns.metrics] : []),
    ...(has("web_app_routing.0") ? [aksAddOns.appRouting] : []),
  ];
}

function isOn(value: Value | undefined): boolean {
  return value === true || isObject(value);
}

/** Names of kinds are the same in objects that were read from anywhere. */
export function identityOf({ apiVersion, kind, metadata }: ApiObject, namespace: string): string {
  const own = isJsonObject(metadata) ? metadata : {};
  return `${apiVersion.split("/").slice(0, -1).join("/")}/${kind} ${own.namespace ?? namespace}/${own.name}`;
}
