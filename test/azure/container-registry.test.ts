import { describe, expect, test } from "vitest";
import { ContainerRegistry } from "../../src/azure/container-registry";
import type { RegistrySettings } from "../../src/environment/environment";
import { azureStack, madeBefore, referenced } from "../support/azure-parts";
import { definitions, environment } from "../support/sample-fleet";
import { FinishedStack, synthEnvironment } from "../support/synth";

const registryStack = (props: Partial<{ sku: "Premium"; deletionProtection: boolean }> = {}) =>
  new FinishedStack(
    azureStack((stack, resourceGroup) => {
      new ContainerRegistry(stack, "images", { resourceGroup, name: "partsimages", ...props });
    }),
  ).at("images/resource").arguments;

test("a registry has no admin user and no anonymous pulls, and is kept", () => {
  expect(registryStack()).toMatchObject({
    admin_enabled: false,
    anonymous_pull_enabled: false,
    sku: "Standard",
    lifecycle: { prevent_destroy: true },
  });
  expect(registryStack({ sku: "Premium", deletionProtection: false })).toMatchObject({
    sku: "Premium",
    lifecycle: { prevent_destroy: false },
  });
});

describe("an app", () => {
  const pulledFrom = (registry: RegistrySettings) => {
    const stack = synthEnvironment({ ...environment, registry }, definitions);
    return { stack, app: stack.at("billing/resource") };
  };
  const fleet = {
    kind: "fleet",
    name: "acmeimages",
    resourceGroup: "rg-images",
    location: "westeurope",
    tenant: environment.tenant,
    state: { kind: "local" },
  } as const;
  const elsewhere = "99999999-9999-4999-8999-999999999999";
  const group = "resourceGroups/rg-images/providers/Microsoft.ContainerRegistry/registries/acmeimages";
  const looked = expect.stringMatching(/^\$\{data\.azurerm_container_registry\./);

  test.each([
    [
      "the fleet's own registry",
      { ...fleet, subscriptionId: environment.azure?.subscriptionId ?? "" },
      looked,
    ],
    [
      "the fleet's own registry in another subscription",
      { ...fleet, subscriptionId: elsewhere },
      `/subscriptions/${elsewhere}/${group}`,
    ],
    ["a registry of Azure's", { kind: "azure", name: "acmeimages", resourceGroup: "rg-images" }, looked],
    [
      "a registry of Azure's in another subscription",
      { kind: "azure", name: "acmeimages", resourceGroup: "rg-images", subscriptionId: elsewhere },
      `/subscriptions/${elsewhere}/${group}`,
    ],
  ] as const)("pulls from %s as itself, once it may", (_which, registry, scope) => {
    const { stack, app } = pulledFrom(registry);
    expect(app.arguments.registry).toEqual([
      { server: "acmeimages.azurecr.io", identity: app.arguments.identity.identity_ids[0] },
    ]);
    expect(app.arguments.template.container[0].image).toMatch(/^acmeimages\.azurecr\.io\/agents\/billing:/);
    const role = stack.at("billing/image-pull");
    expect(role.arguments).toMatchObject({ role_definition_name: "AcrPull", scope });
    expect(referenced(role.arguments.principal_id)).toBe(stack.at("billing/identity").address);
    expect(madeBefore(stack, app.address)).toContain(role.address);
  });

  test("pulls from any other with a password that is a secret", () => {
    const { stack, app } = pulledFrom({
      kind: "other",
      server: "ghcr.io/acme",
      username: "acme-bot",
      passwordSecret: "ghcr-token",
    });
    expect(app.arguments.registry).toEqual([
      { server: "ghcr.io", username: "acme-bot", password_secret_name: "ghcr-token" },
    ]);
    expect(app.arguments.template.container[0].image).toMatch(/^ghcr\.io\/acme\/agents\/billing:/);
    const names = app.arguments.secret.map(({ name }: { name: string }) => name);
    expect(names).toContain("ghcr-token");
    expect(app.arguments.template.container[0].env).not.toContainEqual(
      expect.objectContaining({ secret_name: "ghcr-token" }),
    );
    expect(stack.resources().filter(({ path }) => path === "billing/image-pull")).toEqual([]);
    expect(stack.at("shared/secrets/ghcr-token").arguments.value_wo).toBe("placeholder");
  });
});
