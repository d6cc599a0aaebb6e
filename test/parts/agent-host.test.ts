import { TerraformStack } from "cdktf";
import { describe, expect, it } from "vitest";
import { existingIdentityProvider, tokenChecks } from "../../src/identity/identity-provider";
import {
  type AgentBinding,
  type CompleteBinding,
  type IAgentDependency,
  mergeBindings,
} from "../../src/parts/agent-dependency";
import { agentHost, type IAgentPlatform } from "../../src/parts/agent-host";
import { workloadOf } from "../support/sample-fleet";
import { testApp } from "../support/synth";

interface AzureLike {
  readonly principalId: string;
}
interface GoogleLike {
  readonly email: string;
}

/** A platform that keeps what it was asked to run. */
function platform(ran: CompleteBinding[] = []): IAgentPlatform<AzureLike> {
  return {
    kind: "container-apps",
    createIdentity: () => ({ principalId: "one" }),
    run: (_scope, _workload, _identity, binding) => {
      ran.push(binding);
    },
  };
}

const dependency = (dependencyName: string, binding: AgentBinding): IAgentDependency<AzureLike> => ({
  dependencyName,
  bind: () => binding,
});

const scope = () => new TerraformStack(testApp(), "test");

describe("a host", () => {
  it("merges what its dependencies give with the contract and the agent's own variables", () => {
    const ran: CompleteBinding[] = [];
    const store = dependency("store one", {
      variables: { REDIS_HOST: "redis" },
      egress: [{ host: "redis" }],
    });
    const vault = dependency("vault one", {
      secrets: [
        { variable: "ERP_TOKEN", name: "erp-token", vault: "kv", id: "https://kv/secrets/erp-token" },
      ],
    });
    agentHost({ platform: platform(ran), dependencies: [store, vault] }).deploy(scope(), {
      ...workloadOf("billing"),
      variables: { REGION: "eu" },
      egress: [{ host: "erp.acme.example", port: 8443 }],
    });
    expect(ran).toHaveLength(1);
    expect(ran[0]?.variables).toMatchObject({ AGENT_NAME: "billing", REDIS_HOST: "redis", REGION: "eu" });
    expect(ran[0]?.secrets.map(({ variable }) => variable)).toEqual(["ERP_TOKEN"]);
    expect(ran[0]?.egress).toEqual([{ host: "redis" }, { host: "erp.acme.example", port: 8443 }]);
  });

  it("leads to a Service's pods where the agent names one, and not to public addresses", () => {
    const ran: CompleteBinding[] = [];
    agentHost({ platform: platform(ran), dependencies: [] }).deploy(scope(), {
      ...workloadOf("billing"),
      egress: [
        { host: "erp.books.svc.cluster.local" },
        { host: "erp.books.svc", port: 8443 },
        { host: "svc.acme.example" },
      ],
    });
    expect(ran[0]?.egress).toEqual([
      { namespace: "books", podLabels: {}, port: 443 },
      { namespace: "books", podLabels: {}, port: 8443 },
      { host: "svc.acme.example" },
    ]);
  });

  it("hands on all that dependencies give, in their order", () => {
    const given = (name: string) => ({
      variables: { [name]: name },
      secrets: [{ variable: `${name}_KEY`, name, vault: "kv", id: name }],
      grants: [{ id: name, node: scope().node }],
      readyAfter: [new TerraformStack(testApp(), name)] as never,
      egress: [{ host: name }],
      files: [{ path: `/etc/${name}`, content: name }],
      secretFolders: [{ path: `/mnt/${name}`, secret: name, keys: [name] }],
      sidecars: [{ name }] as never,
    });
    const [one, two] = [given("one"), given("two")];
    const bindings = [one, two, {}].map((binding) => ({ from: "somebody", binding }));
    const merged = mergeBindings(workloadOf("billing"), bindings);
    expect(merged.variables).toEqual({ one: "one", two: "two" });
    for (const [kind, values] of Object.entries(merged)) {
      if (kind === "variables") continue;
      const of = (binding: object) => (binding as Record<string, unknown[]>)[kind];
      expect(values).toEqual([...(of(one) ?? []), ...(of(two) ?? [])]);
      expect(values).toHaveLength(2);
    }
    expect(Object.keys(merged)).toEqual(Object.keys(one));
  });

  const plain = dependency("store one", { variables: { REDIS_URL: "x" } });
  const secret = dependency("store two", {
    secrets: [{ variable: "REDIS_URL", name: "url", vault: "kv", id: "id" }],
  });
  it.each([
    ["a variable twice", [plain, { ...plain, dependencyName: "store two" }], "variable REDIS_URL"],
    ["a variable as a value and as a secret", [plain, secret], "variable REDIS_URL"],
    [
      "a file twice",
      ["store one", "store two"].map((name) =>
        dependency(name, { files: [{ path: "/etc/a", content: "" }] }),
      ),
      "file /etc/a",
    ],
    [
      "a folder twice",
      ["store one", "store two"].map((name) =>
        dependency(name, { secretFolders: [{ path: "/etc/b", secret: "b", keys: [] }] }),
      ),
      "folder /etc/b",
    ],
  ])("refuses %s, and names both who set it", (_, dependencies, what) => {
    const host = agentHost({ platform: platform(), dependencies });
    expect(() => host.deploy(scope(), workloadOf("billing"))).toThrow(
      `agent 'billing': ${what} is set by store one and by store two; leave one of them out`,
    );
  });

  it("names the issuer of tokens where somebody else says what it is", () => {
    const environment = {
      identityProvider: {
        kind: "existing",
        issuer: "https://id.acme.example",
        jwksUrl: "https://id.acme.example/keys",
      },
    } as const;
    const workload = workloadOf("billing", { environment });
    for (const issuer of [existingIdentityProvider, tokenChecks(existingIdentityProvider)]) {
      const store = dependency("store one", { variables: { OIDC_ISSUER: "https://elsewhere" } });
      const host = agentHost({ platform: platform(), dependencies: [issuer, store] });
      expect(() => host.deploy(scope(), workload)).toThrow(
        "variable OIDC_ISSUER is set by issuer of tokens and by store one",
      );
    }
  });

  it("refuses a dependency that sets what the contract sets", () => {
    const host = agentHost({
      platform: platform(),
      dependencies: [dependency("store one", { variables: { AGENT_URL: "http://elsewhere" } })],
    });
    expect(() => host.deploy(scope(), workloadOf("billing"))).toThrow(
      /variable AGENT_URL is set by the contract with images and by store one/,
    );
  });

  it("refuses a workload that was resolved for another platform", () => {
    const host = agentHost({ platform: platform(), dependencies: [] });
    expect(() => host.deploy(scope(), { ...workloadOf("billing"), platform: "kubernetes" })).toThrow(
      /resolved for kubernetes and was given a container-apps host/,
    );
  });

  it("takes no dependency of another cloud, says the compiler", () => {
    const google: IAgentDependency<GoogleLike> = { dependencyName: "store of Google", bind: () => ({}) };
    const anywhere: IAgentDependency<unknown> = { dependencyName: "collector", bind: () => ({}) };
    agentHost({ platform: platform(), dependencies: [anywhere] });
    // @ts-expect-error a dependency that grants roles to Google's service accounts, on an Azure platform
    agentHost({ platform: platform(), dependencies: [google] });
    // @ts-expect-error nor beside one that fits
    expect(agentHost({ platform: platform(), dependencies: [anywhere, google] }).kind).toBe("container-apps");
  });
});
