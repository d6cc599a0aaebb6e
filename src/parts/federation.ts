import type { ITerraformDependable } from "cdktf";
import type { Construct } from "constructs";
import type { AgentWorkload } from "../agent/agent-workload";
import type { ITokenChecks } from "../gateway/token-check";

/** An identity of one cloud, as another cloud's issuer knows it. */
export interface OutsideIdentity {
  /** Who signs its tokens. */
  readonly issuer: string;
  /** What they name as their subject. May be a Terraform reference. */
  readonly subject: string;
}

/** A client at an issuer, which takes tokens of an outside identity in place of a secret. */
export interface FederatedClient {
  readonly clientId: string;
  /** What those tokens must be for. */
  readonly assertionAudience: string;
  /** What has to be there before the first call. */
  readonly readyAfter: readonly ITerraformDependable[];
}

/** Whoever signs callers' tokens for agents of another cloud. */
export interface IOutsideIssuer extends ITokenChecks {
  /**
   * Takes the identity of an agent that calls others as its client. @default - an agent there has a client secret, or none
   *
   * @throws Error when the issuer was not made for this agent.
   */
  readonly federate?: (
    scope: Construct,
    workload: AgentWorkload,
    identity: OutsideIdentity,
  ) => FederatedClient;
}
