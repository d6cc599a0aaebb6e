import type { AgentWorkload } from "../agent/agent-workload";

/** How the gateway checks a token, and whose it takes. */
export type TokenCheck =
  | {
      readonly kind: "openid";
      /** Discovery document, as the gateway reaches it. */
      readonly discoveryUrl: string;
      readonly issuer: string;
      readonly audience: string;
      /** Value that the flat `roles` claim must have. */
      readonly role: string;
    }
  | {
      /** By its tenant of Microsoft Entra, whose keys the gateway knows. */
      readonly kind: "tenant";
      readonly tenantId: string;
      /** Client id of the agent's app: what `aud` of its tokens is. */
      readonly audience: string;
      readonly role: string;
    };

/** Somebody whose tokens the gateway checks. */
export interface ITokenChecks {
  /**
   * How the gateway checks tokens for an agent.
   *
   * @throws Error when the issuer was not made for this agent.
   */
  readonly tokenCheck: (workload: AgentWorkload) => TokenCheck;
}
