/** From where an agent's own address can be reached. */
export type Reach =
  /** From its platform's own environment or cluster only. */
  | "environment"
  /** From the virtual network: what a gateway outside the environment needs. */
  | "vnet"
  /** From anywhere. */
  | "internet";
