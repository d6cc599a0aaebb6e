import type { Environment } from "../../../environment/environment";
import { environmentRule } from "../../../environment/rule";

const ARTIFACT_REGISTRY =
  "Artifact Registry, which apps on Azure have no identity for; use 'fleet' or 'azure', or 'other' with a pull secret";

/** What agents on Container Apps cannot reach, pull from or read, by kind. */
const unusable = {
  vault: {
    "secret-manager": "Secret Manager, which apps on Azure have no identity for; use 'key-vault'",
    kubernetes:
      "the Secrets of a cluster, and Container Apps has none; use 'key-vault' or 'existing-key-vault'",
  },
  taskStore: {
    memorystore: "Memorystore, which only Google's network reaches; use 'managed-redis'",
    "cluster-redis":
      "a Redis inside a cluster, and Container Apps has none; use 'managed-redis' or 'existing'",
  },
  registry: {
    google: ARTIFACT_REGISTRY,
    "google-fleet": ARTIFACT_REGISTRY,
  },
} satisfies { readonly [Part in keyof Environment]?: Readonly<Record<string, string>> };

/** A part of another cloud is an error somewhere in the middle of a deploy. */
export const partsFitPlatform = environmentRule("parts-fit-platform", (environment, workloads) => {
  if (!workloads.some(({ platform }) => platform === "container-apps")) return [];
  return Object.entries(unusable).flatMap(([part, kinds]) => {
    const { kind } = environment[part as keyof typeof unusable];
    const why = (kinds as Readonly<Record<string, string>>)[kind];
    return why === undefined ? [] : [`it has agents on Container Apps, and ${part}.kind '${kind}' is ${why}`];
  });
});
