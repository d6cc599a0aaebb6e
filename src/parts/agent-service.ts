import { Construct } from "constructs";
import type { AgentWorkload } from "../agent/agent-workload";
import type { AgentHost } from "./agent-host";

export interface AgentServiceProps {
  /** The resolved agent: one of `resolveFleet(…).workloads`. */
  readonly workload: AgentWorkload;
  /** Where it runs and what it leans on. */
  readonly host: AgentHost;
}

/**
 * One agent on one host: its identity, what it may reach and read, and the agent itself.
 *
 * @throws Error when workload and host don't fit each other.
 * @example
 * new AgentService(this, "billing", { workload, host });
 */
export class AgentService extends Construct {
  readonly workload: AgentWorkload;

  constructor(scope: Construct, id: string, { workload, host }: AgentServiceProps) {
    super(scope, id);
    this.workload = workload;
    host.deploy(this, workload);
  }
}
