/** The rehearsal: the real Terraform against simulated clouds, offline. Its command is `npx a2a-fleet rehearse`. */

export type { GivenProvider } from "./given-providers";
export { type FailureReport, RehearsalFailure, reportFailure } from "./run/failure";
export { type Interruption, watchInterruption } from "./run/interruption";
export type { RehearsalProps } from "./run/rehearsal";
export { type RehearseProps, rehearse } from "./run/rehearse";
export { liveView, type ProgressStep, plainView, type RehearsalView } from "./run/view";
export { type RunRecord, type StackSource, WorkFolder } from "./run/work-folder";
export type { ExistingThing, Fault, Scenario } from "./scenario";
