import { registryStacks } from "../fleet/registries-of";
import { RehearsalFailure } from "../rehearsal/run/failure";

/** What runs inside an environment's Kubernetes cluster: deployed after it. */
const CLUSTER = "-cluster";

/**
 * The stacks that these environments need, in the order of their deployment.
 *
 * @param environments names, or `all`
 * @param registriesOf the stacks with the images of an environment; by default all of them
 * @throws when one isn't there
 */
export function orderStacks(
  environments: readonly string[],
  available: readonly string[],
  registriesOf: (environment: string) => readonly string[] = () => registryStacks,
): string[] {
  const known = available.filter((name) => !registryStacks.includes(name) && !name.endsWith(CLUSTER));
  const wanted = environments.includes("all") ? known : environments;
  for (const name of wanted) {
    if (known.includes(name)) continue;
    throw new RehearsalFailure({
      what: `there is no environment '${name}' (${[...known, "all"].join(", ")})`,
    });
  }
  const pulled = wanted.flatMap(registriesOf);
  const registries = registryStacks.filter((name) => pulled.includes(name));
  return [...registries, ...wanted.flatMap((name) => [name, `${name}${CLUSTER}`])].filter(
    (name, index, names) => available.includes(name) && names.indexOf(name) === index,
  );
}
