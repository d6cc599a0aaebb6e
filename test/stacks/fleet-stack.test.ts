import { App, TerraformLocal } from "cdktf";
import { expect, test } from "vitest";
import { FleetStack } from "../../src/stacks/fleet-stack";

/** A stack with one value, and how often its JSON was made. */
function counted() {
  const stack = new FleetStack(new App(), "staging");
  const value = new TerraformLocal(stack, "first", "yes");
  const made = { times: 0 };
  const toTerraform = value.toTerraform.bind(value);
  value.toTerraform = () => {
    made.times += 1;
    return toTerraform();
  };
  return { stack, made };
}

test("a stack's JSON is made once for all of its validations and its file", () => {
  const { stack, made } = counted();
  const seen: unknown[] = [];
  for (const _ of ["one", "another"]) {
    stack.node.addValidation({
      validate: () => {
        seen.push(stack.toTerraform());
        return [];
      },
    });
  }
  stack.runAllValidations();
  expect(stack.toTerraform()).toMatchObject({ locals: { first: "yes" } });
  expect(made.times).toBe(1);
  expect(seen).toHaveLength(2);
  expect(seen[0]).toBe(seen[1]);
});

test("what is changed after it was written is in its JSON, and so it is after a validation that has thrown", () => {
  const { stack } = counted();
  stack.runAllValidations();
  stack.toTerraform();
  new TerraformLocal(stack, "later", "yes");
  expect(stack.toTerraform()).toMatchObject({ locals: { later: "yes" } });

  stack.node.addValidation({ validate: () => ["a mistake"] });
  expect(() => stack.runAllValidations()).toThrow("a mistake");
  new TerraformLocal(stack, "afterwards", "too");
  expect(stack.toTerraform()).toMatchObject({ locals: { later: "yes", afterwards: "too" } });
});
