import type { Environment } from "../environment/environment";
import { gatewayHost } from "../gateway/gateway-settings";
import type { Problem } from "../problem";

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
  ];
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
