import { RehearsalFailure } from "../rehearsal/run/failure";

/** The images of all environments, on Azure and on Google: deployed once, before them. */
const REGISTRIES = ["registry", "google-registry"];
/** What runs inside an environment's Kubernetes cluster: deployed after it. */
const CLUSTER = "-cluster";

/**
 * The stacks that these environments need, in the order of their deployment.
 *
 * @param environments names, or `all`
 * @throws when one isn't there
 */
export function orderStacks(environments: readonly string[], available: readonly string[]): string[] {
  const known = available.filter((name) => !REGISTRIES.includes(name) && !name.endsWith(CLUSTER));
  const wanted = environments.includes("all") ? known : environments;
  for (const name of wanted) {
    if (known.includes(name)) continue;
    throw new RehearsalFailure({
      what: `there is no environment '${name}' (${[...known, "all"].join(", ")})`,
    });
  }
  return [...REGISTRIES, ...wanted.flatMap((name) => [name, `${name}${CLUSTER}`])].filter(
    (name, index, names) => available.includes(name) && names.indexOf(name) === index,
  );
}
