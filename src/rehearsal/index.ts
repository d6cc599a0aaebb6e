/** The rehearsal: the real Terraform against simulated clouds, offline. Its command is `npx a2a-fleet rehearse`. */

export { RehearsalFailure, reportFailure } from "./run/failure";
export { type Interruption, watchInterruption } from "./run/interruption";
export type { RehearsalProps } from "./run/rehearsal";
export { type RehearseProps, rehearse } from "./run/rehearse";
export { liveView, plainView, type RehearsalView } from "./run/view";
export { type StackSource, WorkFolder } from "./run/work-folder";
export type { Fault, Scenario } from "./scenario";
