import { isDeepStrictEqual } from "node:util";
import type { AgentRoute } from "../agent/agent-route";
import type { AgentWorkload } from "../agent/agent-workload";
import { registryTraits } from "../choices/registries";
import type { Environment } from "../environment/environment";
import { gatewayHost } from "../gateway/gateway-settings";
import { listOf, type Problem } from "../problem";
import { registriesOf, registryStacks } from "./registries-of";

/** Says which environments are in each other's way: two that claim one name in the world. */
export function findEnvironmentClashes(environments: readonly Environment[]): Problem[] {
  return [
    ...findShared(environments, ({ name }) => name).map(({ name }) => ({
      rule: "environment-twice",
      message: `environment '${name}' exists twice, and its stack is named after it; rename one of them`,
    })),
    ...findShared(environments, gatewayHost).map((environment) => ({
      rule: "gateway-host-twice",
      message:
        `environment '${environment.name}': another one has its gateway's host ${gatewayHost(environment)} as well, so that ` +
        "cards of one would lead to the other; give it a domain or a gateway.host of its own",
    })),
    ...findRegistryClashes(environments),
  ];
}

/**
 * Says which environments show agents below one host: whoever has its certificate and its DNS record, callers of one
 * would get to agents of the other.
 */
export function findHostClashes(
  fleets: readonly { readonly environment: Environment; readonly workloads: readonly AgentWorkload[] }[],
): Problem[] {
  const owners = new Map<string, string>();
  return fleets.flatMap(({ environment, workloads }) => {
    const { name } = environment;
    // That of the gateway is a problem of its own.
    const hosts = new Set(workloads.flatMap(({ route }) => hostsOf(route)));
    hosts.delete(gatewayHost(environment) ?? "");
    return [...hosts].flatMap((host) => {
      const owner = owners.get(host) ?? name;
      owners.set(host, owner);
      if (owner === name) return [];
      return [
        {
          rule: "host-twice",
          message:
            `environment '${name}': its agents are reached at ${host}, and so are those of environment '${owner}'; give it a ` +
            "domain of its own",
        },
      ];
    });
  });
}

/** Public hosts of an agent: not those that only its own cluster or environment knows. */
function hostsOf({ publicUrl, backendUrl }: AgentRoute): string[] {
  return [publicUrl, backendUrl]
    .filter((url) => URL.canParse(url))
    .map((url) => new URL(url).hostname)
    .filter((host) => host.includes(".") && !/(?:\.svc|\.local|\.internal)$|\.internal\./.test(host));
}

/** One stack makes the images' registry for all environments: they agree in every setting of it. */
function findRegistryClashes(environments: readonly Environment[]): Problem[] {
  return registryStacks.flatMap((stack) => {
    const users = environments.flatMap((environment) =>
      registriesOf(environment)
        .filter((settings) => registryTraits(settings).stack === stack)
        .map((settings) => ({ name: environment.name, settings })),
    );
    const [first] = users;
    const other = users.find(({ settings }) => !isDeepStrictEqual(settings, first?.settings));
    if (first === undefined || other === undefined) return [];
    const where = findDifferences(first.settings, other.settings);
    return [
      {
        rule: "registry-differs",
        message:
          `environments '${first.name}' and '${other.name}': both pull from the registry that the stack '${stack}' makes for all ` +
          `of them, and differ in ${listOf(where)} of it; share one object, or write the same settings`,
      },
    ];
  });
}

function findDifferences(one: object, other: object): string[] {
  const a: Readonly<Record<string, unknown>> = { ...one };
  const b: Readonly<Record<string, unknown>> = { ...other };
  return Object.keys({ ...a, ...b }).filter((name) => !isDeepStrictEqual(a[name], b[name]));
}

/** Those whose value an earlier one has already. */
function findShared(
  environments: readonly Environment[],
  value: (environment: Environment) => string | null,
): Environment[] {
  const seen = new Set<string>();
  return environments.filter((environment) => {
    const key = value(environment);
    if (key === null) return false;
    const known = seen.has(key);
    seen.add(key);
    return known;
  });
}
