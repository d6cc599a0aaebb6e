import { expect, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { imageReference, pushServer, registryServer } from "../../src/fleet/image-reference";
import { onGoogle } from "../support/fleet-on-google";
import { environment } from "../support/sample-fleet";

const upstream = { server: "ghcr.io/acme", username: "puller" };
const state = { kind: "local" } as const;
const fleet = { ...onGoogle.google, kind: "google-fleet", projectId: "acme-images", state } as const;
const both = (google: object): Environment => ({
  ...environment,
  google: { ...onGoogle.google, ...google } as Environment["google"],
});

test.each<[string, Environment, "container-apps" | "cloud-run", pulled: string, pushed: string]>([
  ["of Azure", environment, "container-apps", "acmeimages.azurecr.io", "acmeimages.azurecr.io"],
  [
    "of somebody else's",
    { ...environment, registry: { kind: "other", ...upstream, passwordSecret: "login" } },
    "container-apps",
    "ghcr.io/acme",
    "ghcr.io/acme",
  ],
  [
    "of Google",
    onGoogle,
    "cloud-run",
    "europe-west4-docker.pkg.dev/acme-agents/agents",
    "europe-west4-docker.pkg.dev/acme-agents/agents",
  ],
  [
    "of Google that fetches from somebody else's",
    { ...onGoogle, registry: { ...fleet, upstream } as Environment["registry"] },
    "cloud-run",
    "europe-west4-docker.pkg.dev/acme-images/agents/acme",
    "ghcr.io/acme",
  ],
  [
    "of Google that fetches, beside Azure's",
    both({ images: { ...fleet, upstream } }),
    "cloud-run",
    "europe-west4-docker.pkg.dev/acme-images/agents/acme",
    "ghcr.io/acme",
  ],
  [
    "of Azure beside Google's that fetches",
    both({ images: { ...fleet, upstream } }),
    "container-apps",
    "acmeimages.azurecr.io",
    "acmeimages.azurecr.io",
  ],
])("a registry %s", (_of, given, platform, pulled, pushed) => {
  expect(registryServer(given, platform)).toBe(pulled);
  expect(pushServer(given, platform)).toBe(pushed);
  const digest = `sha256:${"a1".repeat(32)}`;
  const image = { repository: "agents/billing", tagOrDigest: "1.0.0" };
  expect(imageReference(given, platform, image)).toBe(`${pulled}/agents/billing:1.0.0`);
  const exact = { ...image, tagOrDigest: digest };
  expect(imageReference(given, platform, exact)).toBe(`${pulled}/agents/billing@${digest}`);
});
