import { describe, expect, test } from "vitest";
import { RegistryStack } from "../../src/azure/registry-stack";
import { environments } from "../support/fleet/stacks/environments";
import { registry } from "../support/fleet/stacks/environments/registry";
import { FinishedStack, synthEnvironment, testApp } from "../support/synth";

describe.each(environments.map((environment) => [environment.name, environment] as const))(
  "%s",
  (_name, environment) => {
    test("synthesizes the same JSON twice", () => {
      expect(synthEnvironment(environment).json).toEqual(synthEnvironment(environment).json);
    });
  },
);

test("the registry has no admin user and is kept", () => {
  const stack = new FinishedStack(new RegistryStack(testApp(), registry));
  const { arguments: images } = stack.at("images/resource");
  expect(images).toMatchObject({ admin_enabled: false, lifecycle: { prevent_destroy: true } });
});
