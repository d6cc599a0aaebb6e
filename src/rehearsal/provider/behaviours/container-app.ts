import type { LedgerEntry } from "../../ledger";
import type { Behaviour, Change } from "../behaviour";
import type { Cloud } from "../cloud";
import { CloudError } from "../cloud-error";
import { at, blocksAt, canonical, type ObjectValue, textAt, textsAt } from "../value";
import { findVaultOfSecret, versionless } from "./key-vault";
import { grantOf } from "./role-assignment";

const READS_SECRETS = ["Key Vault Secrets User", "Key Vault Secrets Officer", "Key Vault Administrator"];
const PULLS_IMAGES = ["AcrPull", "AcrPush"];

/**
 * An app comes up only if its identity may pull its images and read its secrets by then. If it doesn't, the
 * creation fails, but the app exists: it isn't in the state, and the next run says that it must be imported.
 */
export const containerApp: Behaviour = {
  types: ["azurerm_container_app", "azurerm_container_app_job"],
  unknownOnUpdate(prior, planned) {
    const changed = (name: string) => canonical(prior[name] ?? null) !== canonical(planned[name] ?? null);
    return [
      ...(changed("template") ? ["latest_revision_name", "latest_revision_fqdn"] : []),
      ...(changed("ingress") ? ["ingress.fqdn"] : []),
    ];
  },
  beforeCreate: (change) => checkApp(change),
  beforeUpdate: (change) => checkApp(change),
  computed(change) {
    const { cloud, id, name, attributes } = change;
    const environment = findEnvironment(change);
    const domain = textAt(environment?.attributes, "default_domain") ?? "unknown-environment.invalid";
    const revision = `${name}--${textAt(attributes, "template.0.revision_suffix") ?? cloud.hash("revision", id, canonical(attributes.template ?? null)).slice(0, 7)}`;
    return {
      location: environment?.attributes.location,
      latest_revision_name: revision,
      latest_revision_fqdn: `${revision}.${domain}`,
      "template.revision_suffix": "",
      "template.container.ephemeral_storage": "1Gi",
      "template.init_container.ephemeral_storage": "1Gi",
      "ingress.custom_domain": [],
      "ingress.fqdn": ({ external_enabled: isExternal }) =>
        isExternal === true ? `${name}.${domain}` : `${name}.internal.${domain}`,
      "template.container.liveness_probe.path": "/",
      "template.container.readiness_probe.path": "/",
      "template.container.startup_probe.path": "/",
      "template.container.liveness_probe.termination_grace_period_seconds": 0,
      "template.container.startup_probe.termination_grace_period_seconds": 0,
      outbound_ip_addresses: [textAt(environment?.attributes, "static_ip_address") ?? "20.61.0.1"],
      custom_domain_verification_id: cloud.secret("domain verification", cloud.scope),
    };
  },
  // Optional and not computed: who leaves it out sees `"Consumption" -> null` in every plan.
  filledByCloud(change) {
    const hasProfiles = blocksAt(findEnvironment(change)?.attributes, "workload_profile").length > 0;
    return hasProfiles && !change.attributes.workload_profile_name
      ? { workload_profile_name: "Consumption" }
      : undefined;
  },
};

function findEnvironment({ cloud, attributes }: Change): LedgerEntry | undefined {
  const id = textAt(attributes, "container_app_environment_id");
  return id === undefined ? undefined : cloud.find("azurerm_container_app_environment", id);
}

function checkApp(change: Change): void {
  if (!findEnvironment(change)) {
    throw refused(
      change,
      "ManagedEnvironmentNotFound",
      "The environment of the app was not found.",
      "nothing",
    );
  }
  checkTemplate(change);
  checkSecrets(change);
  checkImages(change);
}

/** What the service refuses before it makes anything, and neither the provider nor a plan has seen. */
function checkTemplate(change: Change): void {
  const { attributes } = change;
  const fail = (code: string, message: string) => refused(change, code, message, "nothing");
  const containers = blocksAt(attributes, "template.0.container");
  const profile = textAt(attributes, "workload_profile_name") ?? "Consumption";
  const cpu = containers.reduce((sum, container) => sum + Number(container.cpu ?? 0), 0);
  const memory = containers.reduce((sum, { memory: own }) => sum + Number.parseFloat(String(own ?? 0)), 0);
  if (profile === "Consumption" && (cpu > 4 || !Number.isInteger(cpu * 4) || memory !== cpu * 2)) {
    throw fail(
      "ContainerAppInvalidResourceTotal",
      `The total requested CPU and memory resources for this application (CPU: ${cpu}, memory: ${memory}) is invalid. Total CPU and memory for all containers defined in a Container App must add up to one of the following CPU - Memory combinations: [cpu: 0.25, memory: 0.5Gi]; [cpu: 0.5, memory: 1.0Gi]; … in steps of [cpu: 0.25, memory: 0.5Gi]`,
    );
  }
  const [fewest, most] = [
    Number(at(attributes, "template.0.min_replicas") ?? 0),
    Number(at(attributes, "template.0.max_replicas") ?? 10),
  ];
  if (fewest > most) {
    throw fail(
      "ContainerAppInvalidScaleSpec",
      `Container App scale is invalid: minReplicas (${fewest}) must not be greater than maxReplicas (${most}).`,
    );
  }
  const secrets = blocksAt(attributes, "secret").map((secret) => textAt(secret, "name"));
  for (const container of [...containers, ...blocksAt(attributes, "template.0.init_container")]) {
    const where = textAt(container, "name") ?? "";
    const seen = new Set<string>();
    for (const variable of blocksAt(container, "env")) {
      const name = textAt(variable, "name") ?? "";
      const secret = textAt(variable, "secret_name");
      if (seen.has(name)) {
        throw fail(
          "ContainerAppDuplicateEnv",
          `Container '${where}' defines the environment variable '${name}' more than once.`,
        );
      }
      seen.add(name);
      if (secret !== undefined && !secrets.includes(secret)) {
        throw fail(
          "ContainerAppSecretRefNotFound",
          `SecretRef '${secret}' defined for container '${where}' not found.`,
        );
      }
    }
  }
}

function refused(
  { cloud, name, attributes, prior }: Change,
  code: string,
  message: string,
  remains: "nothing" | "orphan" = "orphan",
): CloudError {
  const group = textAt(attributes, "resource_group_name");
  return new CloudError(
    `${prior ? "updating" : "creating"} Container App (Subscription: "${cloud.scope}"\nResource Group Name: "${group}"\nContainer App Name: "${name}"): polling after CreateOrUpdate: polling failed: the Azure API returned the following error:\n\nStatus: "Failed"\nCode: "${code}"\nMessage: ${JSON.stringify(message)}`,
    "",
    prior ? "nothing" : remains,
  );
}

function checkSecrets(change: Change): void {
  const { cloud, attributes } = change;
  for (const secret of blocksAt(attributes, "secret")) {
    const address = textAt(secret, "key_vault_secret_id");
    if (address === undefined) continue;
    const name = textAt(secret, "name") ?? "";
    const identity = textAt(secret, "identity") ?? "";
    const fail = (reason: string) =>
      refused(
        change,
        "InvalidParameterValueInContainerTemplate",
        `The following field(s) are either invalid or missing. Field 'configuration.secrets' is invalid with details: 'Invalid value: "${name}": Unable to get value using Managed identity ${identity} for secret ${name}. Error: ${reason}';.`,
      );
    const vault = findVaultOfSecret(cloud, address);
    if (!vault)
      throw fail(`unable to fetch secret '${name}': no such host ${address.split("/").at(2) ?? address}`);
    if (!isReachable(change, vault)) {
      throw fail(
        `unable to fetch secret '${name}': 403 Forbidden: Public network access is disabled and request is not from a trusted service nor via an approved private link.`,
      );
    }
    if (!cloud.find("azurerm_key_vault_secret", versionless(address))) {
      throw fail(
        `unable to fetch secret '${name}': SecretNotFound: A secret with (name/id) ${address.split("/").at(4)} was not found in this key vault.`,
      );
    }
    const principalId = principalOf(change, identity);
    if (principalId === undefined)
      throw fail(`unable to fetch secret '${name}' using Managed identity '${identity}'`);
    const secretId = `${vault.id}/secrets/${address.split("/").at(4)}`;
    // A vault goes by roles or by access policies, never by both.
    const mayRead =
      vault.attributes.rbac_authorization_enabled === true
        ? grantOf(cloud, principalId, READS_SECRETS, secretId) === "granted"
        : hasAccessPolicy(cloud, vault, principalId);
    if (!mayRead) {
      throw fail(
        `unable to fetch secret '${name}' using Managed identity '${identity}': 403 Forbidden: Caller is not authorized to perform action on resource. If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.`,
      );
    }
  }
}

function checkImages(change: Change): void {
  const { cloud, attributes } = change;
  const containers = [
    ...blocksAt(attributes, "template.0.container"),
    ...blocksAt(attributes, "template.0.init_container"),
  ];
  for (const image of containers.map((container) => textAt(container, "image") ?? "")) {
    const fail = (reason: string) =>
      refused(
        change,
        "InvalidParameterValueInContainerTemplate",
        `The following field(s) are either invalid or missing. Field 'template.containers.${change.name}.image' is invalid with details: 'Invalid value: "${image}": ${reason}';.`,
      );
    if (cloud.scenario.missingImages.includes(image)) {
      throw fail("MANIFEST_UNKNOWN: manifest tagged is not found; unknown tag");
    }
    const host = image.split("/")[0] ?? "";
    const access = blocksAt(attributes, "registry").find(({ server }) => server === host);
    const identity = textAt(access, "identity");
    // Without an identity the app has a password, and whether that is right can't be told.
    if (identity === undefined || !host.endsWith(".azurecr.io")) continue;
    const registry = cloud.findBy("azurerm_container_registry", "login_server", host);
    const unauthorized = `GET https://${host}: UNAUTHORIZED: authentication required, visit https://aka.ms/acr/authorization for more information.`;
    if (!registry) throw fail(`dial tcp: lookup ${host}: no such host`);
    const principalId = principalOf(change, identity);
    if (principalId === undefined || grantOf(cloud, principalId, PULLS_IMAGES, registry.id) !== "granted") {
      throw fail(unauthorized);
    }
  }
}

/** An identity that the app doesn't have can't do anything for it; its own one has no roles before the app exists. */
function principalOf({ cloud, attributes, prior }: Change, identity: string): string | undefined {
  if (identity.toLowerCase() === "system")
    return prior ? textAt(prior, "identity.0.principal_id") : undefined;
  const assigned = textsAt(attributes, "identity.0.identity_ids").map((id) => id.toLowerCase());
  if (!assigned.includes(identity.toLowerCase())) return undefined;
  return textAt(cloud.find("azurerm_user_assigned_identity", identity)?.attributes, "principal_id");
}

function hasAccessPolicy(cloud: Cloud, vault: LedgerEntry, principalId: string): boolean {
  const apart = cloud
    .ofType("azurerm_key_vault_access_policy")
    .map(({ attributes }) => attributes)
    .filter((policy) => textAt(policy, "key_vault_id")?.toLowerCase() === vault.id.toLowerCase());
  return [...blocksAt(vault.attributes, "access_policy"), ...apart].some(
    (policy) =>
      textAt(policy, "object_id") === principalId &&
      textsAt(policy, "secret_permissions").some((permission) => permission.toLowerCase() === "get"),
  );
}

/** Container Apps is no trusted service of Key Vault: a closed vault is reached by private endpoint or not at all. */
function isReachable(change: Change, vault: LedgerEntry): boolean {
  const { attributes } = vault;
  const isClosed =
    attributes.public_network_access_enabled === false ||
    (textAt(attributes, "network_acls.0.default_action") === "Deny" &&
      textsAt(attributes, "network_acls.0.ip_rules").length === 0 &&
      textsAt(attributes, "network_acls.0.virtual_network_subnet_ids").length === 0);
  if (!isClosed) return true;
  const { cloud } = change;
  const network = networkOf(textAt(findEnvironment(change)?.attributes, "infrastructure_subnet_id"));
  if (network === undefined) return false;
  return cloud
    .ofType("azurerm_private_endpoint")
    .some((endpoint) => leadsTo(cloud, endpoint.attributes, vault, network));
}

function leadsTo(cloud: Cloud, endpoint: ObjectValue, vault: LedgerEntry, network: string): boolean {
  const target = textAt(endpoint, "private_service_connection.0.private_connection_resource_id");
  if (target?.toLowerCase() !== vault.id.toLowerCase()) return false;
  const zones = textsAt(endpoint, "private_dns_zone_group.0.private_dns_zone_ids").map((id) =>
    id.split("/").at(-1),
  );
  return cloud
    .ofType("azurerm_private_dns_zone_virtual_network_link")
    .some(
      ({ attributes }) =>
        zones.includes(textAt(attributes, "private_dns_zone_name")) &&
        textAt(attributes, "virtual_network_id")?.toLowerCase() === network,
    );
}

function networkOf(subnetId: string | undefined): string | undefined {
  return subnetId?.replace(/\/subnets\/[^/]+$/i, "").toLowerCase();
}
