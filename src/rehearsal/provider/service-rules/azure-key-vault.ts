import type { ServiceRules } from "./service-rules";
import { ipv4OrPrefix } from "./value-checks";

export const azureKeyVault: readonly ServiceRules[] = [
  {
    types: ["azurerm_key_vault"],
    values: { "network_acls.ip_rules": ipv4OrPrefix },
    creationRefusals: {
      "contacts in a new vault": ({ after }) =>
        after.list("contact").length > 0
          ? `Vault (Vault Name: ${JSON.stringify(after.text("name"))}): \`contact\` field is not supported for new key vaults`
          : undefined,
    },
  },
];
