import type { FinishedStack } from "./synth";

/** An agent as a platform would run it, read out of the finished JSON by somebody who knows only Terraform. */
export interface DeployedAgent {
  readonly name: string;
  /** Variables of its container as the process sees them, secrets by `variable -> secret's name` instead of a value. */
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  /** The same variables before Terraform knows what they refer to: references are left as they are. */
  readonly templates: Readonly<Record<string, string>>;
  /** Where its own ingress answers. */
  readonly address: string;
  /** Its name in the mesh, or null where it has no sidecar. */
  readonly meshId: string | null;
  /** Whether that address is reachable from the internet. */
  readonly public: boolean;
  readonly targetPort: number;
  readonly probePorts: readonly number[];
  readonly probePaths: readonly string[];
  readonly maxReplicas: number;
}

/** Default domain that the simulated Container Apps environment gets. */
export const DEFAULT_DOMAIN = "happyfield-1a2b3c4d.westeurope.azurecontainerapps.io";

/** What references are taken for: the domain where it is asked for, any UUID or host name otherwise. */
const answers: readonly (readonly [suffix: string, value: string])[] = [
  [".default_domain", DEFAULT_DOMAIN],
  [".client_id", "55555555-5555-4555-8555-555555555555"],
  [".vault_uri", "https://kv-acme.vault.azure.net/"],
  [".hostname", "redis-acme.westeurope.redis.azure.net"],
  [".port", "10000"],
];

/** The agents on Container Apps in a finished stack. */
export function deployedAgents(stack: FinishedStack): DeployedAgent[] {
  const environments = stack.resources("azurerm_container_app_environment");
  const internal = environments.some(({ arguments: each }) => each.internal_load_balancer_enabled === true);
  return stack.resources("azurerm_container_app").flatMap(({ arguments: app }): DeployedAgent[] => {
    const [container] = app.template.container;
    const env: { name: string; value?: string; secret_name?: string }[] = container.env;
    // Other apps (a collector, an issuer of tokens) are no agents.
    if (!env.some(({ name }) => name === "AGENT_NAME")) return [];
    const declared = (app.secret ?? []).map(({ name }: { name: string }) => name);
    const variables = Object.fromEntries(
      env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, evaluate(value)]])),
    );
    const templates = Object.fromEntries(
      env.flatMap(({ name, value }) => (value === undefined ? [] : [[name, unescaped(value)]])),
    );
    const secrets = Object.fromEntries(
      env.flatMap(({ name, secret_name }) => (secret_name === undefined ? [] : [[name, secret_name]])),
    );
    for (const [variable, secret] of Object.entries(secrets)) {
      if (!declared.includes(secret))
        throw new Error(`${app.name}: ${variable} names ${secret}, which the app lacks`);
    }
    const { external_enabled: external, target_port: targetPort } = app.ingress;
    const probes = [...container.startup_probe, ...container.liveness_probe, ...container.readiness_probe];
    return [
      {
        name: app.name,
        variables,
        secrets,
        templates,
        address: `https://${app.name}.${external ? "" : "internal."}${DEFAULT_DOMAIN}`,
        meshId: app.dapr?.app_id ?? null,
        public: external && !internal,
        targetPort,
        probePorts: probes.map(({ port }) => port),
        probePaths: probes.map(({ path }) => path),
        maxReplicas: app.template.max_replicas,
      },
    ];
  });
}

/** The environment of an agent's process: a text for every secret too, as a vault would give it. */
export function processVariables({ variables, secrets }: DeployedAgent): Record<string, string> {
  const values = Object.entries(secrets).map(([variable, name]) => [variable, `rediss://value-of-${name}`]);
  return { ...variables, ...Object.fromEntries(values) };
}

/** Terraform reads `$${` as `${`. */
function unescaped(template: string): string {
  return template.replace(/([$%])\1\{/g, "$1{");
}

/** What Terraform makes of a template. @throws when it holds a reference that nothing here answers */
function evaluate(template: string): string {
  return template.replace(/\$\$\{|%%\{|\$\{([^}]*)\}/g, (found, reference: string | undefined) => {
    if (reference === undefined) return found.slice(1);
    const answer = answers.find(([suffix]) => reference.endsWith(suffix));
    if (answer === undefined) throw new Error(`nothing answers the reference ${reference}`);
    return answer[1];
  });
}
