/** Tags of everything that is an environment's own; its settings add to them. */
export function fleetTags(environment: {
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
}): Record<string, string> {
  return { environment: environment.name, ...ownedByFleet, ...environment.tags };
}

/** Tags of everything that is the fleet's, whatever environment it is for. */
export const ownedByFleet: Readonly<Record<string, string>> = { "managed-by": "a2a-fleet" };
