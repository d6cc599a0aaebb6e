import type { Problem } from "../problem";
import type { Environment, RegistrySettings } from "./environment";

/** What the core has to know of a cloud. */
export interface CloudTraits {
  /** The property of an environment with its side of it. */
  readonly kind: string;
  /** For messages: `Google Cloud`. */
  readonly title: string;
  /** Its network, for messages: `Google's network`. */
  readonly network: string;
  /** What has to be set for a side of it, for messages. */
  readonly settings: string;
  /** Whether an environment has a side of it. */
  readonly isIn: (environment: Environment) => boolean;
  /** Registries of its own that agents there pull from, besides the environment's. */
  readonly registries: (environment: Environment) => readonly RegistrySettings[];
  /**
   * Says what is wrong with its side of an environment, without the agents. `who` starts the messages, `today` is a day
   * (`2026-11-21`): versions and exceptions end on one.
   */
  readonly findProblems: (environment: Environment, who: string, today: string) => readonly Problem[];
}

/**
 * Where a part is, and so who reaches it and who has an identity that it knows: a cloud, the environment's cluster, the
 * machine that the fleet is tried on, or anywhere.
 */
export type Place = CloudTraits | "cluster" | "machine" | "anywhere";
