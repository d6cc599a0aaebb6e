import type { Cloud } from "../cloud";
import { CloudError } from "../cloud-error";
import type { SimulatedProvider, Subject } from "../simulated-provider";
import { canonical, isUnknown, type ObjectValue, textAt, type Value } from "../value";
import { azureIdTemplates } from "./azure-ids";
import { documentedId } from "./documented-ids";
import { freshUuid } from "./fresh-uuid";

export const azurerm: SimulatedProvider = {
  name: "azurerm",
  inCloud: true,
  isLegacy: true,
  idsAreGlobal: true,
  ignoresCase: true,
  kindOf: (type) => type,

  configure(config, environment) {
    const given = config.subscription_id ?? null;
    const subscription = isUnknown(given) ? "unknown" : (given ?? environment.ARM_SUBSCRIPTION_ID);
    if (typeof subscription !== "string" || subscription === "") {
      throw new CloudError(
        "`subscription_id` is a required provider property when performing a plan/apply operation",
      );
    }
    return { scope: subscription, config };
  },

  id(subject, cloud) {
    const template = azureIdTemplates[subject.type] ?? documentedId("azurerm", subject.type);
    return template ? fillTemplate(template, subject, cloud) : guessedId(subject, cloud);
  },

  scopeOf: (attributes) => /^\/subscriptions\/([^/]+)/i.exec(textAt(attributes, "id") ?? "")?.[1],

  invent(path, { type, name, attributes }, cloud): Value | undefined {
    if (path === "tenant_id" || path.endsWith(".tenant_id")) return tenantId(cloud);
    if (path === "identity.principal_id") {
      const isOwn = textAt(attributes, "identity.0.type")?.includes("SystemAssigned") ?? false;
      return isOwn
        ? cloud.uuid("principal", type, name, canonical(attributes.resource_group_name ?? null))
        : "";
    }
    if (path === "location") return textAt(attributes, "location") ?? "westeurope";
    return undefined;
  },

  alreadyExists: ({ type }, id) =>
    new CloudError(
      `A resource with the ID "${id}" already exists - to be managed via Terraform this resource needs to be imported into the State. Please see the resource documentation for "${type}" for more information.`,
    ),

  notFound(type, config, cloud) {
    const words = [
      `Subscription: "${cloud.scope}"`,
      ...["resource_group_name", "key_vault_id", "virtual_network_name", "name"]
        .map((name) => [name, textAt(config, name)] as const)
        .filter(([, value]) => value !== undefined)
        .map(([name, value]) => `${titleOf(name)}: "${value}"`),
    ];
    return new CloudError(`${titleOf(type.replace(/^azurerm_/, ""))} (${words.join("\n")}) was not found`);
  },
};

export function tenantId(cloud: Cloud): string {
  return cloud.uuid("tenant");
}

/** The id of the resource group that a resource is in. */
export function resourceGroupId(attributes: ObjectValue, cloud: Cloud): string {
  return `/subscriptions/${cloud.scope}/resourceGroups/${textAt(attributes, "resource_group_name") ?? ""}`;
}

function fillTemplate(template: string, subject: Subject, cloud: Cloud): string {
  return template.replaceAll(/\{([^}]+)\}/g, (_, word: string) => {
    if (word === "subscription") return `/subscriptions/${cloud.scope}`;
    if (word === "group") return resourceGroupId(subject.attributes, cloud);
    if (word === "uuid") return freshUuid(subject, cloud);
    if (word === "name or uuid") return textAt(subject.attributes, "name") ?? freshUuid(subject, cloud);
    return textAt(subject.attributes, word) ?? "";
  });
}

/** A plausible id for types that nobody has given a template: below its parent, or in its resource group. */
function guessedId(subject: Subject, cloud: Cloud): string {
  const { type, name, attributes } = subject;
  const words = type.replace(/^azurerm_/, "");
  const kind = words.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  const last = name || freshUuid(subject, cloud);
  if (textAt(attributes, "resource_group_name") !== undefined) {
    const namespace = titleOf(words.split("_")[0] ?? words).replaceAll(" ", "");
    return `${resourceGroupId(attributes, cloud)}/providers/Microsoft.${namespace}/${kind}s/${last}`;
  }
  const parent = Object.entries(attributes).find(
    ([attribute, value]) => attribute.endsWith("_id") && typeof value === "string" && value.startsWith("/"),
  );
  return `${parent ? String(parent[1]) : `/subscriptions/${cloud.scope}`}/${kind}s/${last}`;
}

export function titleOf(words: string): string {
  return words
    .split("_")
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join(" ");
}
