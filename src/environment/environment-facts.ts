/**
 * Day on which the dates that the project knows were last looked at: ends of versions. Who resolves a fleet without
 * saying which day it is gets the same answer every day.
 */
export const LAST_LOOKED_AT = "2026-11-21";

/** Facts about an environment that a stack or a command has and plain data does not. */
export interface EnvironmentFacts {
  /**
   * Day on which the fleet is judged (`2026-11-21`): versions and exceptions end on one. Commands say today.
   *
   * @default "2026-11-21"
   */
  readonly today?: string;

  /**
   * Default domain of the Container Apps environment; in a stack a reference to it.
   *
   * @default "<known after deploy>"
   */
  readonly containerAppsDomain?: string;
}
