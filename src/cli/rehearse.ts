import { registryStacks, registryStacksOf } from "../fleet/registries-of";
import { rehearseCommand } from "./rehearse-command";
import { orderStacks } from "./stack-order";

rehearseCommand({
  calledAs: "npm run rehearse --",
  order: (names, available) => orderStacks(names, available, registriesOf),
});

function registriesOf(name: string): readonly string[] {
  // Read once the app has been synthesized: a mistake in an environment has been reported in its own words by then.
  const { environments } = require("../../stacks/environments") as typeof import("../../stacks/environments");
  const environment = environments.find((each) => each.name === name);
  // Of another project's app, all there are.
  return environment === undefined ? registryStacks : registryStacksOf(environment);
}
