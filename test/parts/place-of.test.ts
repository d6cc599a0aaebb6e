import { expect, test } from "vitest";
import { placeOf } from "../../src/parts/place-of";
import { brownfield } from "../../stacks/environments/examples/brownfield";
import { plainCluster } from "../../stacks/environments/examples/plain-cluster";

test.each([
  ["an example's own value", plainCluster.name, "plain.example.com", "examples/plain-cluster.ts"],
  ["a value of another example", brownfield.name, brownfield.domain, "examples/brownfield.ts"],
  ["a value that several environments have", "staging", "rg-a2a-state", "staging.ts"],
  ["the same value in an example", plainCluster.name, "a2a", "examples/plain-cluster.ts"],
])("finds %s in the environment's own file", (_, environment, value, file) => {
  expect(placeOf(environment, value)).toMatch(
    new RegExp(`^stacks/environments/${file.replaceAll(".", "\\.")}:\\d+$`),
  );
});
