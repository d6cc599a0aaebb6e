import type { StateResource } from "./terraform-state";

/** Arguments of resources by which a provider refuses to delete. */
const PROTECTING_ARGUMENTS = ["deletion_protection", "deletion_protection_enabled"] as const;

/** The argument by which the provider refuses to delete this resource as it is now, if there is one. */
export function protectingArgument(resource: StateResource): string | undefined {
  return PROTECTING_ARGUMENTS.find((argument) => resource.attributes[argument] === true);
}
