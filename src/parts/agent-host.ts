import type { Construct } from "constructs";
import type { OutsideDestination } from "../agent/agent-definition";
import { agentVariables } from "../agent/agent-variables";
import type { AgentWorkload } from "../agent/agent-workload";
import type { PlatformKind } from "../environment/environment";
import { isServiceName } from "../shapes";
import {
  type CompleteBinding,
  type EgressDestination,
  type IAgentDependency,
  mergeBindings,
} from "./agent-dependency";
import { wayToHost } from "./way-to";

/** Where agents run: makes their identities, and runs them once what they lean on has been bound. */
export interface IAgentPlatform<I> {
  readonly kind: PlatformKind;
  /** Creates the identity of one agent, before anything is granted to it. */
  readonly createIdentity: (scope: Construct, workload: AgentWorkload) => I;
  /** Runs the agent: everything in `binding` is there first. */
  readonly run: (scope: Construct, workload: AgentWorkload, identity: I, binding: CompleteBinding) => void;
}

/** Makes alerts about one agent, under the agent's own scope: they come and go with it. */
export type AgentWatch = (scope: Construct, workload: AgentWorkload) => void;

/** A platform and what its agents lean on, with the kind of identity hidden: it was checked when the host was made. */
export interface AgentHost {
  readonly kind: PlatformKind;
  /**
   * Creates the identity, binds the dependencies, runs the workload.
   *
   * @throws Error when the workload was resolved for another platform, or two dependencies set the same variable.
   */
  readonly deploy: (scope: Construct, workload: AgentWorkload) => void;
}

/**
 * A host for agents. The compiler refuses dependencies of one cloud on a platform of another.
 */
export function agentHost<I>(props: {
  readonly platform: IAgentPlatform<I>;
  readonly dependencies: readonly IAgentDependency<I>[];
  /** Makes what tells people that an agent fails, beside the agent. @default - nothing does */
  readonly watch?: AgentWatch;
}): AgentHost {
  const { platform, dependencies, watch } = props;
  return {
    kind: platform.kind,
    deploy: (scope, workload) => {
      if (workload.platform !== platform.kind) {
        throw new Error(
          `agent '${workload.name}' is resolved for ${workload.platform} and was given a ${platform.kind} host; ` +
            `give it the host of its platform, or set its platform in the environment`,
        );
      }
      const identity = platform.createIdentity(scope, workload);
      const binding = mergeBindings(workload, [
        { from: "the contract with images", binding: { variables: agentVariables(workload) } },
        ...dependencies.map((dependency) => ({
          from: dependency.dependencyName,
          binding: dependency.bind(scope, workload, identity),
        })),
        {
          from: "the agent's own variables",
          binding: { variables: workload.variables, egress: workload.egress.flatMap(throughServices) },
        },
      ]);
      platform.run(scope, workload, identity, binding);
      watch?.(scope, workload);
    },
  };
}

/** A name of a Service leads to the pods of its namespace, which no public address is. */
function throughServices(place: OutsideDestination): EgressDestination[] {
  if (!("host" in place) || !isServiceName(place.host)) return [place];
  return wayToHost(place.host, place.port ?? 443);
}
