import { isDeepStrictEqual } from "node:util";
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
  const [a, b] = [one, other].map((each) => new Map<string, unknown>(Object.entries(each)));
  const names = new Set([...(a?.keys() ?? []), ...(b?.keys() ?? [])]);
  return [...names].filter((name) => !isDeepStrictEqual(a?.get(name), b?.get(name)));
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
