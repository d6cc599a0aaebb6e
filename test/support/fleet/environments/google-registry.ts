import type { GoogleFleetRegistry } from "../../../../src/google/facts/artifact-registries";
import { registry } from "./registry";

/** The same images for agents on Cloud Run: fetched from the fleet's registry when they are pulled, by the same digest. */
export const googleRegistry: GoogleFleetRegistry = {
  kind: "google-fleet",
  projectId: "a2a-example-images",
  projectNumber: "000000000000",
  region: "europe-west4",
  upstream: { server: `${registry.name}.azurecr.io`, username: "artifact-registry" },
  state: registry.state,
};
