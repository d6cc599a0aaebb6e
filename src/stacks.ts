/** Whole environments as stacks: what `stacks/main.ts` of the repository calls. */

export { FleetError, type Problem } from "./problem";
export { type BuildBootstrapProps, buildBootstrap } from "./stacks/build-bootstrap";
export { type BuildFleetProps, buildFleet } from "./stacks/build-fleet";
export { type Clouds, loadClouds } from "./stacks/clouds";
export { EnvironmentStack, type EnvironmentStackProps } from "./stacks/environment-stack";
export type { RefusedEnvironment } from "./stacks/refused-stack";
