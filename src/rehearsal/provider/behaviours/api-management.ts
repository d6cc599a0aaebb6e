import { DOMParser } from "@xmldom/xmldom";
import type { Behaviour, Change } from "../behaviour";
import { CloudError } from "../cloud-error";
import { blocksAt, type ObjectValue, textAt, textsAt } from "../value";

function tierOf(attributes: ObjectValue): string {
  return textAt(attributes, "sku_name")?.split("_")[0] ?? "";
}

function isSecondGeneration(attributes: ObjectValue): boolean {
  return tierOf(attributes).endsWith("V2");
}

function networkOf(attributes: ObjectValue): string {
  return textAt(attributes, "virtual_network_type") ?? "None";
}

function refused(
  { prior, name }: Change,
  code: string,
  message: string,
  remains: "nothing" | "tainted",
): CloudError {
  return new CloudError(
    `${prior ? "updating" : "creating/updating"} Service (Service Name: "${name}"): polling failed: the Azure API returned the following error:\n\nStatus: "${code}"\nMessage: ${JSON.stringify(message)}`,
    "",
    prior ? "nothing" : remains,
  );
}

/** What the portal of a classic tier has. */
const PORTAL_SETTINGS = ["sign_in", "sign_up", "delegation", "tenant_access"];

function checkService(change: Change): void {
  const { attributes } = change;
  const tier = tierOf(attributes);
  const network = networkOf(attributes);
  if (network !== "None" && ["BasicV2", "Basic", "Standard", "Consumption"].includes(tier)) {
    throw refused(
      change,
      "InvalidParameters",
      `Virtual networks are not supported in the ${tier} tier.`,
      "nothing",
    );
  }
  if (!isSecondGeneration(attributes) && tier !== "Consumption") return;
  if (textsAt(attributes, "zones").length > 0) {
    throw refused(
      change,
      "InvalidParameters",
      `Availability zones can't be chosen in the ${tier} tier.`,
      "nothing",
    );
  }
  // The provider saves the portal's settings after the service is there, and knows then which tiers have none.
  const setting = PORTAL_SETTINGS.find((name) => blocksAt(attributes, name).length > 0);
  if (setting) {
    throw new CloudError(
      `\`${setting}\` is not supported for sku tiers \`Consumption\` and \`V2\``,
      "",
      change.prior ? "nothing" : "tainted",
    );
  }
}

const service: Behaviour = {
  types: ["azurerm_api_management"],
  beforeCreate: (change) => checkService(change),
  beforeUpdate: (change) => checkService(change),
  computed({ cloud, id, name, attributes }) {
    const host = name.toLowerCase();
    return {
      gateway_url: `https://${host}.azure-api.net`,
      gateway_regional_url: `https://${host}-${textAt(attributes, "location") ?? "westeurope"}-01.regional.azure-api.net`,
      management_api_url: `https://${host}.management.azure-api.net`,
      developer_portal_url: `https://${host}.developer.azure-api.net`,
      portal_url: `https://${host}.portal.azure-api.net`,
      scm_url: `https://${host}.scm.azure-api.net`,
      public_ip_addresses: [`20.61.${Number.parseInt(cloud.hash(id).slice(0, 2), 16)}.7`],
      private_ip_addresses: [],
      notification_sender_email: "apimgmt-noreply@mail.windowsazure.com",
    };
  },
};

const api: Behaviour = {
  types: ["azurerm_api_management_api"],
  computed: ({ name }) => ({
    is_current: true,
    is_online: false,
    api_type: "http",
    display_name: name,
    path: "",
    protocols: ["https"],
    service_url: "",
    version: "",
    version_set_id: "",
  }),
};

/** A policy is read when it is saved: what isn't XML is refused then, after a plan that looked fine. */
const policy: Behaviour = {
  types: [
    "azurerm_api_management_policy",
    "azurerm_api_management_api_policy",
    "azurerm_api_management_api_operation_policy",
    "azurerm_api_management_product_policy",
    "azurerm_api_management_policy_fragment",
  ],
  beforeCreate: (change) => checkPolicy(change),
  beforeUpdate: (change) => checkPolicy(change),
};

function checkPolicy({ type, attributes, name, prior }: Change): void {
  const where = textAt(attributes, "operation_id") ?? textAt(attributes, "api_name") ?? name;
  const fail = (reason: string) =>
    new CloudError(
      `${prior ? "updating" : "creating"} ${type} (${where}): unexpected status 400 (400 Bad Request) with error: ValidationError: One or more fields contain incorrect values: ${reason}`,
    );
  const text = textAt(attributes, type.endsWith("_fragment") ? "value" : "xml_content");
  if (text === undefined) return;
  if (text.trim() === "") throw fail("the policy is empty");
  const problem = findXmlProblem(text);
  if (problem !== undefined) throw fail(problem);
}

function findXmlProblem(text: string): string | undefined {
  let problem: string | undefined;
  const onError = (level: string, message: string) => {
    if (level !== "warning") problem ??= message;
  };
  try {
    new DOMParser({ onError }).parseFromString(text, "text/xml");
  } catch (error) {
    problem ??= (error as Error).message;
  }
  return problem;
}

export const apiManagement: readonly Behaviour[] = [service, api, policy];
