import type { GoogleFleetRegistry } from "../../../../../src/google/facts/artifact-registries";
import type { CompanyInGoogle } from "../company";
import { registry } from "./registry";

/** The same images for agents on Cloud Run: fetched from the fleet's registry when they are pulled, by the same digest. */
export function googleRegistry({ images, region }: CompanyInGoogle): GoogleFleetRegistry {
  return {
    kind: "google-fleet",
    ...images,
    region,
    upstream: { server: `${registry.name}.azurecr.io`, username: "artifact-registry" },
    state: registry.state,
  };
}
