import type { Arguments, PlannedChange } from "../planning/planned-change";
import type { Refusal, ServiceRules } from "./service-rules";
import { matching } from "./value-checks";

const apiName = matching(
  "^[^*#&+]{1,256}$",
  '"{name}" may only be up to 256 characters in length and not include the characters `*`, `#`, `&` or `+`',
);

/** The argument has a default, which the provider sees like one that was written. */
const operationNameElsewhere: Refusal = ({ after }) =>
  after.text("operation_name_format") !== "" && after.text("identifier") !== "applicationinsights"
    ? "`operation_name_format` cannot be set when `identifier` is not `applicationinsights`"
    : undefined;

const isConsumption = (service: Arguments) => service.text("sku_name").startsWith("Consumption");
const isSecondGeneration = (service: Arguments) => service.text("sku_name").includes("V2");

/** What gateways without servers of their own can't be told. */
const OLD_CIPHERS = [
  "frontend_ssl30_enabled",
  "triple_des_ciphers_enabled",
  "tls_ecdhe_ecdsa_with_aes256_cbc_sha_ciphers_enabled",
  "tls_ecdhe_ecdsa_with_aes128_cbc_sha_ciphers_enabled",
  "tls_ecdhe_rsa_with_aes256_cbc_sha_ciphers_enabled",
  "tls_ecdhe_rsa_with_aes128_cbc_sha_ciphers_enabled",
  "tls_rsa_with_aes128_gcm_sha256_ciphers_enabled",
  "tls_rsa_with_aes256_cbc_sha256_ciphers_enabled",
  "tls_rsa_with_aes128_cbc_sha256_ciphers_enabled",
  "tls_rsa_with_aes256_cbc_sha_ciphers_enabled",
  "tls_rsa_with_aes128_cbc_sha_ciphers_enabled",
];

const service: ServiceRules = {
  types: ["azurerm_api_management"],
  values: {
    publisher_name: matching("^.{1,100}$", '"{name}" may only be up to 100 characters in length'),
    publisher_email: matching("^[\\S*]{1,100}$", '"{name}" may only be up to 100 characters in length'),
  },
  replacements: {
    "a network can only be added": ({ before, after }) =>
      before.text("virtual_network_type") !== "None" ||
      !["Internal", "External"].includes(after.text("virtual_network_type"))
        ? ["virtual_network_type"]
        : [],
    "a subnet can only be added": ({ before, after }) =>
      before.list("virtual_network_configuration").length !== 0 ||
      after.list("virtual_network_configuration").length === 0
        ? ["virtual_network_configuration"]
        : [],
    "one generation of tiers doesn't become the other": ({ before, after }) =>
      isSecondGeneration(before) === isSecondGeneration(after) ? [] : ["sku_name"],
  },
  creationRefusals: {
    "a network without a subnet": ({ after }) => {
      const type = after.text("virtual_network_type");
      return type !== "" && type !== "None" && after.list("virtual_network_configuration").length === 0
        ? `you must specify 'virtual_network_configuration' when 'virtual_network_type' is "${type}"`
        : undefined;
    },
    "an address of one's own outside a network": ({ after }) =>
      after.text("public_ip_address_id") !== "" &&
      !/^(Premium|Developer)_/.test(after.text("sku_name")) &&
      after.text("virtual_network_type") === "None"
        ? "`public_ip_address_id` is only supported when sku type is `Developer` or `Premium`, and the APIM instance is deployed in a virtual network"
        : undefined,
    "certificates of clients in a tier with servers": ({ after }) =>
      after.flag("client_certificate_enabled") && !isConsumption(after)
        ? "`client_certificate_enabled` is only supported when sku type is `Consumption`"
        : undefined,
    "the only gateway turned off": ({ after }) =>
      after.flag("gateway_disabled") && after.list("additional_location").length === 0
        ? "`gateway_disabled` is only supported when `additional_location` is set"
        : undefined,
    "zones in a tier without": ({ after }) =>
      after.list("zones").length > 0 && !after.text("sku_name").startsWith("Premium_")
        ? "`zones` is only supported when sku type is `Premium`"
        : undefined,
    "locations whose networks differ from the first": ({ after }) => {
      const hasNetwork = after.list("virtual_network_configuration").length > 0;
      for (const location of after.blocks("additional_location")) {
        const isInNetwork = location.list("virtual_network_configuration").length > 0;
        if (hasNetwork && !isInNetwork) {
          return "`virtual_network_configuration` must be specified in any `additional_location` block when top-level `virtual_network_configuration` is supplied";
        }
        if (!hasNetwork && isInNetwork) {
          return "`virtual_network_configuration` must be empty in all `additional_location` blocks when top-level `virtual_network_configuration` is not supplied";
        }
      }
      return undefined;
    },
    "ciphers in a tier without servers": ({ after }) => {
      const cipher = isConsumption(after) && OLD_CIPHERS.find((name) => after.flag(`security.0.${name}`));
      return cipher ? `\`${cipher}\` is not supported for Sku Tier \`Consumption\`` : undefined;
    },
  },
};

const api: ServiceRules = {
  types: ["azurerm_api_management_api"],
  values: { name: apiName },
  refusals: {
    "a version outside a set of versions": ({ after, config }) =>
      after.text("version") !== "" && !config.isGiven("version_set_id")
        ? "setting `version` without the required `version_set_id`"
        : undefined,
    "an API that neither has a name and protocols nor is a copy": ({ after, config }) =>
      !config.isGiven("source_api_id") &&
      (!config.isGiven("display_name") || after.list("protocols").length === 0)
        ? "`display_name`, `protocols` are required when `source_api_id` is not set"
        : undefined,
    "a web socket to nowhere": ({ after }) =>
      after.text("api_type") === "websocket" && after.text("service_url") === ""
        ? "`service_url` is required when `api_type` is `websocket`"
        : undefined,
  },
};

const operation: ServiceRules = {
  types: ["azurerm_api_management_api_operation"],
  values: { api_name: apiName },
  refusals: {
    "parameters that the template and the list don't share": ({ after }) => {
      const used = new Set(
        [...after.text("url_template").matchAll(/\{([^}]+)\}/g)].map(([, name = ""]) =>
          name.replace(/^\*/, ""),
        ),
      );
      const defined = new Set(after.blocks("template_parameter").map((parameter) => parameter.text("name")));
      const undefinedOne = [...used].find((name) => !defined.has(name));
      if (undefinedOne !== undefined) {
        return `template parameter \`${undefinedOne}\` used in \`url_template\` is not defined in \`template_parameter\``;
      }
      const unused = [...defined].find((name) => !used.has(name));
      return unused === undefined
        ? undefined
        : `template parameter \`${unused}\` defined in \`template_parameter\` is not used in \`url_template\``;
    },
  },
};

const product: ServiceRules = {
  types: ["azurerm_api_management_product"],
  creationRefusals: {
    "an approval without subscriptions": ({ after }) => {
      if (!after.flag("approval_required")) return undefined;
      if (!after.flag("subscription_required")) {
        return "`subscription_required` must be true to use `approval_required`";
      }
      return after.number("subscriptions_limit") <= 0
        ? "`subscriptions_limit` must be greater than 0 to use `approval_required`"
        : undefined;
    },
  },
};

const logger: ServiceRules = {
  types: ["azurerm_api_management_logger"],
  creationRefusals: {
    "a logger without a target": ({ after }: PlannedChange) =>
      after.list("eventhub").length === 0 && after.list("application_insights").length === 0
        ? "either `eventhub` or `application_insights` is required"
        : undefined,
  },
};

const backend: ServiceRules = {
  types: ["azurerm_api_management_backend"],
  creationRefusals: {
    "a Service Fabric cluster without a certificate": ({ after }) =>
      after
        .blocks("service_fabric_cluster")
        .some(
          (cluster) =>
            cluster.text("client_certificate_thumbprint") === "" &&
            cluster.text("client_certificate_id") === "",
        )
        ? "at least one of `client_certificate_thumbprint` and `client_certificate_id` must be set"
        : undefined,
  },
};

export const azureApiManagement: readonly ServiceRules[] = [
  service,
  api,
  operation,
  product,
  logger,
  backend,
  {
    types: ["azurerm_api_management_diagnostic"],
    refusals: { "a format of names that only Application Insights has": operationNameElsewhere },
  },
  {
    types: ["azurerm_api_management_api_diagnostic"],
    values: { api_name: apiName },
    refusals: { "a format of names that only Application Insights has": operationNameElsewhere },
  },
  {
    types: ["azurerm_api_management_api_policy", "azurerm_api_management_api_operation_policy"],
    values: { api_name: apiName },
  },
  { types: ["azurerm_api_management_product_api"], values: { api_name: apiName } },
];
