import { describe, expect, it, test } from "vitest";
import type { Environment } from "../../src/environment/environment";
import { findEnvironmentClashes, findHostClashes } from "../../src/fleet/find-environment-clashes";
import { FleetError } from "../../src/problem";
import { buildFleet } from "../../src/stacks/build-fleet";
import { findPhysicalClashes } from "../../src/stacks/find-physical-clashes";
import { agents } from "../support/fleet/agents";
import { brownfield } from "../support/fleet/examples/brownfield";
import { google } from "../support/fleet/examples/google";
import { plainCluster } from "../support/fleet/examples/plain-cluster";
import { dev } from "../support/fleet/stacks/environments/dev";
import { production } from "../support/fleet/stacks/environments/production";
import { staging } from "../support/fleet/stacks/environments/staging";
import { environment as sample, workloadOf } from "../support/sample-fleet";
import { testApp } from "../support/synth";

/** What building them says, or nothing. */
async function refusalOf(...environments: readonly Environment[]): Promise<string> {
  try {
    await buildFleet(testApp(), { agents, environments });
    return "";
  } catch (error) {
    if (error instanceof FleetError) return error.message;
    throw error;
  }
}

describe("the registry of all environments", () => {
  const other = { ...dev, name: "other", prefix: "b2b", domain: "other.example.com" };

  it("is made once where they write the same settings twice", async () => {
    expect(await refusalOf(dev, { ...other, registry: structuredClone(dev.registry) })).toBe("");
  });

  it("is refused where they differ in it", async () => {
    const registry = { ...dev.registry, location: "westeurope" } as Environment["registry"];
    expect(await refusalOf(dev, { ...other, registry })).toMatch(
      /'dev' and 'other': both pull from the registry that the stack 'registry' makes .* differ in location of it; share one object, or write the same settings \[registry-differs\]$/,
    );
  });

  it("says each setting that only one of them has, whichever it is", () => {
    const ofGoogle = google.registry as Extract<Environment["registry"], { kind: "google-fleet" }>;
    const { upstream: _, repository: __, ...bare } = ofGoogle;
    const named: Environment = { ...google, registry: { ...bare, repository: "images" } };
    const mirror = { server: "ghcr.io", secret: "ghcr-token" } as never;
    const fetching: Environment = { ...google, name: "other", registry: { ...bare, upstream: mirror } };
    const said = (...environments: readonly Environment[]) =>
      findEnvironmentClashes(environments)
        .filter(({ rule }) => rule === "registry-differs")
        .map(({ message }) => / differ in (.*) of it;/.exec(message)?.[1]);
    expect(said(named, fetching)).toEqual(["repository and upstream"]);
    expect(said(named, { ...fetching, registry: named.registry })).toEqual([]);
  });

  it("on Google is said to differ where an example's stands beside production's", async () => {
    expect(await refusalOf(production, google)).toMatch(/stack 'google-registry' .* differ in/);
    const images = production.google?.images as Environment["registry"];
    expect(await refusalOf(production, { ...google, registry: structuredClone(images) })).toBe("");
  });
});

describe("two environments that would manage one thing", () => {
  const other = (change: Partial<Environment>): Environment => ({
    ...brownfield,
    name: "other",
    domain: "other.example.com",
    azure: { ...brownfield.azure, resourceGroup: { existing: "rg-other" } } as Environment["azure"],
    ...change,
  });
  const cluster = (change: Partial<Environment> = {}): Environment => ({
    ...plainCluster,
    name: "second",
    domain: "second.example.com",
    ...change,
  });
  const inContext = (context: string) => ({
    kubernetes: { ...plainCluster.kubernetes, cluster: { kind: "existing", context } as const },
  });
  const onGoogle = (change: Partial<Environment>): Environment => ({ ...google, name: "other", ...change });

  test.each<[what: string, Environment, refused: Environment, says: RegExp, passes: Environment]>([
    [
      "in one resource group",
      brownfield,
      other({ azure: brownfield.azure }),
      /'brownfield' and 'other': each of them would manage azurerm_container_app /,
      other({}),
    ],
    [
      "in one cluster",
      plainCluster,
      cluster(),
      /'plain-cluster' and 'second-cluster': each of them would manage helm_release /,
      cluster(inContext("second")),
    ],
    [
      "at one host of a cluster",
      plainCluster,
      cluster({ ...inContext("second"), domain: plainCluster.domain }),
      /'second': its agents are reached at agents\.plain\.example\.com, and so are those of environment 'plain'/,
      cluster(inContext("second")),
    ],
    [
      "at one host of Cloud Run",
      google,
      onGoogle({}),
      /'other': its agents are reached at run\.google\.example\.com/,
      onGoogle({ domain: "other.example.com" }),
    ],
    [
      "in one API Management",
      gatewayed("first", "rg-a"),
      gatewayed("second", "rg-a"),
      /'first' and 'second': each of them would manage azurerm_api_management_api/,
      gatewayed("second", "rg-b"),
    ],
  ])("%s is refused", async (_what, one, refused, says, passes) => {
    expect(await refusalOf(one, refused)).toMatch(says);
    expect(await refusalOf(one, passes)).toBe("");
  });
});

test("Keycloak beside a cluster sends what it measures to a collector of its own", async () => {
  const beside: Environment = { ...production, identityProvider: { kind: "keycloak" } };
  expect(await refusalOf(beside)).toBe("");
});

test("a thing that one stack makes twice is refused", () => {
  const secret = { name: "store-key", key_vault_id: "kv" };
  const stack = (...secrets: readonly Record<string, string>[]) => ({
    name: "test",
    json: { resource: { azurerm_key_vault_secret: Object.fromEntries(secrets.entries()) } },
  });
  expect(findPhysicalClashes([stack(secret, { ...secret, key_vault_id: "other" })])).toEqual([]);
  expect(findPhysicalClashes([stack(secret, { ...secret })])).toEqual([
    {
      rule: "managed-twice",
      message: expect.stringMatching(/'test': it would make azurerm_key_vault_secret store-key twice/),
    },
  ]);
});

/** Behind an API Management that exists. */
function gatewayed(name: string, resourceGroup: string): Environment {
  return {
    ...staging,
    name,
    domain: `${name}.example.com`,
    gateway: { existing: { name: "apim-corporate", resourceGroup } },
    identityProvider: {
      kind: "existing",
      issuer: "https://login.acme.test",
      jwksUrl: "https://login.acme.test/keys",
    },
  };
}

describe("a host of two environments", () => {
  const at = (name: string, url: string) => {
    const workload = workloadOf("billing");
    const route = { ...workload.route, publicUrl: url, backendUrl: url };
    return { environment: { ...sample, name }, workloads: [{ ...workload, route }] };
  };
  const clashes = (one: string, two: string) =>
    findHostClashes([at("one", one), at("two", two)]).map(({ rule }) => rule);

  test.each(["https://agents.acme.example/", "https://internal.acme.example/a/", "http://my.local.example/"])(
    "is refused where everybody can ask for it: %s",
    (url) => {
      expect(clashes(url, url)).toEqual(["host-twice"]);
      expect(clashes(url, "https://others.acme.example/")).toEqual([]);
    },
  );

  test.each([
    "http://localhost:8000/",
    "http://billing:8000/",
    "http://billing.agents.svc/",
    "http://billing.agents.svc.cluster.local/",
    "http://billing.internal/",
    "https://billing.internal.blue.westeurope.azurecontainerapps.io/",
    "${azurerm_container_app.billing.url}",
  ])("is each one's own where only its own cluster or environment knows it: %s", (url) => {
    expect(clashes(url, url)).toEqual([]);
  });
});
