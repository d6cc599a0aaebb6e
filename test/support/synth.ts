import { tmpdir } from "node:os";
import { join } from "node:path";
import { App, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import type { AgentDefinition } from "../../src/agent/agent-definition";
import { KubernetesCluster } from "../../src/azure/aks/kubernetes-cluster";
import { AzureGateway } from "../../src/azure/api-management/azure-gateway";
import { AzureFoundations } from "../../src/azure/azure-foundations";
import { createIdentityProvider } from "../../src/azure/identity-provider/azure-identity-provider";
import type { Environment } from "../../src/environment/environment";
import { GoogleFoundations } from "../../src/google/google-foundations";
import { REHEARSAL_CONTEXT } from "../../src/parts/placeholder-guard";
import type { Clouds } from "../../src/stacks/clouds";
import { EnvironmentStack } from "../../src/stacks/environment-stack";
import { finishStack } from "./finish-stack";
import { agents as fleet } from "./fleet/agents";

/** One resource of a finished stack, with its construct path in place of cdktf's metadata. */
export interface FinishedResource {
  readonly type: string;
  /** `<type>.<name>` */
  readonly address: string;
  /** Construct path below the stack: `inventory/resource`. */
  readonly path: string;
  // biome-ignore lint/suspicious/noExplicitAny: finished JSON, read by tests that know what they look for
  readonly arguments: any;
}

/** The finished JSON of a stack, for reading. */
export class FinishedStack {
  // biome-ignore lint/suspicious/noExplicitAny: finished JSON
  readonly json: any;

  constructor(stack: TerraformStack) {
    this.json = finishStack(stack);
  }

  /** Resources of a type, or all. */
  resources(type?: string): FinishedResource[] {
    const types = type === undefined ? Object.keys(this.json.resource ?? {}) : [type];
    return types.flatMap((each) =>
      Object.entries(this.json.resource?.[each] ?? {}).map(([name, value]) => {
        const { "//": meta, ...rest } = value as { "//": { metadata: { path: string } } };
        const path = meta.metadata.path.split("/").slice(1).join("/");
        return { type: each, address: `${each}.${name}`, path, arguments: rest };
      }),
    );
  }

  /** The one resource at a construct path. @throws when there is none */
  at(path: string): FinishedResource {
    const found = this.resources().find((resource) => resource.path === path);
    if (found === undefined) {
      const paths = this.resources().map((resource) => resource.path);
      throw new Error(`nothing at ${path}; there is ${paths.join(", ")}`);
    }
    return found;
  }

  /** Type and construct path of everything, sorted: the shape of a stack. */
  tree(): string[] {
    return this.resources()
      .map(({ type, path }) => `${path}  ${type}`)
      .toSorted();
  }
}

/** A throw-away app: nothing is written where the project is, and placeholders are let through as in a rehearsal. */
export function testApp(context: Record<string, unknown> = { [REHEARSAL_CONTEXT]: true }): App {
  return new App({ outdir: join(tmpdir(), "a2a-fleet-tests"), context });
}

const clouds: Clouds = {
  AzureFoundations,
  AzureGateway,
  createIdentityProvider,
  KubernetesCluster,
  GoogleFoundations,
};

/** The stack of an environment, built and not yet synthesized. */
export function environmentStack(
  environment: Environment,
  agents: readonly AgentDefinition[] = fleet,
): EnvironmentStack {
  return new EnvironmentStack(testApp(), { environment, agents, clouds });
}

/** The finished JSON of an environment. Validations always run. */
export function synthEnvironment(
  environment: Environment,
  agents: readonly AgentDefinition[] = fleet,
): FinishedStack {
  return new FinishedStack(environmentStack(environment, agents));
}

/** A stack with whatever `build` puts into it, finished. Validations always run. */
export function synth(build: (stack: Construct) => void): FinishedStack {
  const stack = new TerraformStack(testApp(), "test");
  build(stack);
  return new FinishedStack(stack);
}
