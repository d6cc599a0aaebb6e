import { z } from "zod";
import { definitionSchema } from "../agent/agent-definition-schema";
import { azureShape } from "../azure/facts/azure-environment";
import { clusterShape } from "../cluster/facts/cluster-environment";
import { overridesSchema } from "../environment/agent-overrides";
import { oneOf } from "../environment/choice-traits";
import type { Environment, PlatformKind } from "../environment/environment";
import { coreShape } from "../environment/environment-core";
import { gatewayShape } from "../gateway/gateway-settings";
import { googleShape } from "../google/facts/google-environment";
import { localShape } from "../local/facts/local-settings";
import type { Problem } from "../problem";
import { findShapeProblems } from "../shape-problems";
import { clusters } from "./clusters";
import { issuers } from "./issuers";
import { platforms } from "./platforms";
import { registries } from "./registries";
import { taskStores } from "./task-stores";
import { vaults } from "./vaults";

const platform = z.enum(platforms.map(({ kind }) => kind) as [PlatformKind, ...PlatformKind[]]);

/** What an environment looks like. */
export const environmentSchema = z.strictObject({
  ...coreShape,
  ...azureShape,
  ...googleShape,
  ...clusterShape(oneOf(clusters)),
  ...gatewayShape,
  ...localShape,
  fleet: z.array(definitionSchema).optional(),
  platform,
  agents: z.record(z.string(), overridesSchema(platform)).optional(),
  registry: oneOf(registries),
  vault: oneOf(vaults),
  taskStore: oneOf(taskStores),
  identityProvider: oneOf(issuers).optional(),
} satisfies Record<keyof Environment, z.ZodType>) satisfies z.ZodType<Environment>;

/** Says which properties of an environment are unknown, missing or of the wrong type. `index` is its place in the list. */
export function findEnvironmentShapeProblems(environment: Environment, index = 0): Problem[] {
  // An environment can be missing altogether: an import in a circle, or of a name that its file doesn't export.
  const name: unknown = (environment as Environment | undefined)?.name;
  const who =
    typeof name === "string" ? `environment '${name}'` : `environment number ${index + 1} of the list`;
  return findShapeProblems(environmentSchema, environment, who, "environment");
}
