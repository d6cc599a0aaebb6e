import type { SimulatedProvider } from "../simulated-provider";
import { stateOnly } from "./state-only";

/**
 * A provider of which nothing is known but its schema. Its resources are in the state alone; what they compute is made
 * up, and so is what its data sources find.
 */
export function schemaOnly(name: string): SimulatedProvider {
  return {
    ...stateOnly(name),
    invent: (path, { type }, cloud) =>
      path === "id" ? cloud.uuid(type, String(cloud.ledger.countAttempt(`id of ${type}`))) : undefined,
    notFound: undefined,
  };
}
