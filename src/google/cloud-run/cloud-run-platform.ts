import { peerTokenVariables } from "../../agent/agent-variables";
import type { AgentWorkload } from "../../agent/agent-workload";
import type { IAgentPlatform } from "../../parts/agent-host";
import { waitForGrants } from "../../parts/role-grants";
import { runsOnGoogle } from "../facts/google-facts";
import type { GoogleIdentity } from "../google-identity";
import type { IGoogleNetwork } from "../google-network";
import type { IGoogleProject } from "../google-project";
import { CloudRunAgent, createServiceAccount } from "./cloud-run-agent";

export interface CloudRunPlatformProps {
  readonly project: IGoogleProject;
  /** Network that agents reach stores and each other through. @default - none: they reach public addresses only */
  readonly network?: IGoogleNetwork;
  /**
   * Whom Cloud Run lets through: everyone who can reach an agent, or the agents that call it and these others, as
   * IAM writes them.
   *
   * @default - everyone
   */
  readonly invokers?: "everyone" | { readonly members: (agent: string) => readonly string[] };
  /** Host name that is mapped to an agent. @default - none */
  readonly domain?: (agent: string) => string | undefined;
  /** @default true */
  readonly deletionProtection?: boolean;
}

/** Cloud Run: one service an agent, in one project and region. */
export function cloudRunPlatform(props: CloudRunPlatformProps): IAgentPlatform<GoogleIdentity> {
  const { project, network, invokers = "everyone", domain, deletionProtection } = props;
  const everyone = invokers === "everyone";
  const calls = new CallGraph();
  return {
    kind: "cloud-run",
    createIdentity: (scope, workload) => {
      const identity = createServiceAccount(scope, project, workload);
      if (!everyone) calls.addCaller(workload.name, identity);
      return identity;
    },
    run: (scope, workload, identity, binding) => {
      const agent = new CloudRunAgent(scope, "service", {
        workload,
        project,
        identity,
        network,
        everyone,
        deletionProtection,
        domain: workload.reach === "internet" ? domain?.(workload.name) : undefined,
        invokers: everyone
          ? {}
          : Object.fromEntries(
              invokers.members(workload.name).map((member, index) => [`member-${index}`, member]),
            ),
        binding: {
          ...binding,
          variables: { ...binding.variables, ...(everyone ? {} : invokerVariables(workload)) },
          readyAfter: [...binding.readyAfter, ...waitForGrants(scope, binding.grants)],
        },
      });
      scope.node.defaultChild = agent.node.defaultChild;
      if (!everyone) calls.addCalled(workload, agent);
    },
  };
}

/**
 * Who may call whom, in whatever order agents are made: two that call each other both exist only once the second one
 * does, and a grant needs the caller's service account and the called agent's service.
 */
class CallGraph {
  private readonly callers = new Map<string, GoogleIdentity>();
  private readonly called: { readonly workload: AgentWorkload; readonly agent: CloudRunAgent }[] = [];

  addCaller(name: string, identity: GoogleIdentity): void {
    this.callers.set(name, identity);
    for (const { workload, agent } of this.called) {
      if (workload.callers.includes(name)) agent.admit(name, identity.member);
    }
  }

  addCalled(workload: AgentWorkload, agent: CloudRunAgent): void {
    this.called.push({ workload, agent });
    for (const name of workload.callers) {
      const identity = this.callers.get(name);
      if (identity !== undefined) agent.admit(name, identity.member);
    }
  }
}

/** What tells an agent how Cloud Run lets it through to its peers there. */
function invokerVariables({ peers }: AgentWorkload): Record<string, string> {
  return peerTokenVariables(
    "X-Serverless-Authorization",
    // A service's own audience is its URL as the platform writes it, without the slash.
    Object.fromEntries(peers.filter(runsOnGoogle).map(({ url }) => [url, url.replace(/\/$/, "")])),
  );
}
