import { listOf, type Problem } from "./problem";

/** What a name of one kind may look like: the provider's own rule, or a stricter one where the cloud refuses more. */
interface NameRule {
  readonly minLength: number;
  readonly maxLength: number;
  /** One whole valid name. */
  readonly pattern: RegExp;
  readonly allowed: string;
  /** Names that something of the fleet's own has in the same place. @default - none */
  readonly taken?: readonly string[];
  readonly source: string;
}

const rules = {
  agent: {
    minLength: 2,
    maxLength: 32,
    pattern: /^[a-z](?:[a-z0-9]|-(?!-))*[a-z0-9]$/,
    allowed:
      "lower case letters, digits and single hyphens, starting with a letter and ending with a letter or digit",
    // Constructs and outputs beside the agents in their stack, apps beside theirs in the environment, and objects and
    // identities beside theirs in a cluster. There, names with two hyphens are the fleet's as well.
    taken: [
      "backend",
      "cert-manager",
      "certificate-solver",
      "default",
      "default-deny",
      "google",
      "keda",
      "keycloak",
      "keycloak-realm",
      "litellm",
      "otel-collector",
      "outputs",
      "placeholders",
      "resources-chart",
      "shared",
      "task-store",
      "time",
    ],
    source:
      "https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftapp",
  },
  environment: {
    minLength: 2,
    maxLength: 12,
    pattern: /^[a-z][a-z0-9]*$/,
    allowed: "lower case letters and digits, starting with a letter",
    // The stack of the images that all environments share.
    taken: ["registry"],
    source: "the shortest limit of the names that it becomes a part of (Key Vault, 24)",
  },
  prefix: {
    minLength: 2,
    maxLength: 8,
    pattern: /^[a-z][a-z0-9]*$/,
    allowed: "lower case letters and digits, starting with a letter",
    source: "the shortest limit of the names that it becomes a part of (Key Vault, 24)",
  },
  customer: {
    minLength: 2,
    maxLength: 20,
    pattern: /^[a-z0-9](?:[a-z0-9]|-(?!-))*[a-z0-9]$/,
    allowed: "lower case letters, digits and single hyphens",
    source: "part of an agent's name",
  },
  secret: {
    minLength: 1,
    maxLength: 127,
    pattern: /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/,
    allowed: "lower case letters, digits and single hyphens, starting with a letter",
    source: "https://learn.microsoft.com/azure/container-apps/manage-secrets",
  },
  keyVault: {
    minLength: 3,
    maxLength: 24,
    pattern: /^[a-z](?:[a-z0-9]|-(?!-))*[a-z0-9]$/,
    allowed: "letters, digits and single hyphens, starting with a letter",
    source:
      "https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftkeyvault",
  },
  containerRegistry: {
    minLength: 5,
    maxLength: 50,
    pattern: /^[a-z0-9]+$/,
    allowed: "lower case letters and digits",
    source:
      "https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftcontainerregistry",
  },
  storageAccount: {
    minLength: 3,
    maxLength: 24,
    pattern: /^[a-z0-9]+$/,
    allowed: "lower case letters and digits",
    source:
      "https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules#microsoftstorage",
  },
  variable: {
    minLength: 1,
    maxLength: 128,
    pattern: /^[A-Z][A-Z0-9_]*$/,
    allowed: "upper case letters, digits and underscores, starting with a letter",
    source: "POSIX environment variables",
  },
} as const satisfies Record<string, NameRule>;

export type NameKind = keyof typeof rules;

/** Says what is wrong with a name, or nothing. `who` starts the message: `agent 'Inventory'`. */
export function findNameProblems(kind: NameKind, name: string, who: string): Problem[] {
  const rule: NameRule = rules[kind];
  const fits = name.length >= rule.minLength && name.length <= rule.maxLength && rule.pattern.test(name);
  if (fits && rule.taken?.includes(name)) {
    return [
      {
        rule: "reserved-name",
        message:
          `${who}: the name '${name}' is taken by a part of the fleet itself (${listOf(rule.taken)}); ` +
          "choose another",
      },
    ];
  }
  if (fits) return [];
  const length = `${rule.minLength} to ${rule.maxLength} characters`;
  return [
    {
      rule: "name",
      message: `${who}: the name '${name}' (${name.length} characters) is not allowed; use ${length}: ${rule.allowed}`,
    },
  ];
}
