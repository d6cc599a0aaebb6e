import { createHash } from "node:crypto";
import { CloudRunDomainMapping } from "@cdktf/provider-google/lib/cloud-run-domain-mapping";
import {
  CloudRunV2Service,
  type CloudRunV2ServiceTemplate,
  type CloudRunV2ServiceTemplateContainers,
} from "@cdktf/provider-google/lib/cloud-run-v2-service";
import { CloudRunV2ServiceIamMember } from "@cdktf/provider-google/lib/cloud-run-v2-service-iam-member";
import { ServiceAccount } from "@cdktf/provider-google/lib/service-account";
import { DefaultTokenResolver, StringConcat, TerraformStack, Tokenization } from "cdktf";
import { Construct } from "constructs";
import { baseUrl } from "../../agent/agent-route";
import { agentVariables } from "../../agent/agent-variables";
import type { AgentProbe, AgentWorkload } from "../../agent/agent-workload";
import { ownedByFleet } from "../../environment/fleet-tags";
import {
  type AgentBinding,
  type AgentFile,
  type AgentSidecar,
  type CompleteBinding,
  mergeBindings,
} from "../../parts/agent-dependency";
import { terraformText } from "../../terraform-text";
import { REVISION_HASH_LENGTH, requestsPerInstance, revisionStem } from "../facts/cloud-run-traits";
import { googleNames } from "../facts/google-names";
import type { GoogleIdentity } from "../google-identity";
import type { IGoogleNetwork } from "../google-network";
import { type IGoogleProject, labelText } from "../google-project";
import { type GoogleSecret, grantGoogleSecret, writeSecret } from "../secret-manager-secrets";
import { checkServices } from "./find-service-problems";

export interface CloudRunAgentProps {
  /** The resolved agent: one of `resolveFleet(…).workloads`. */
  readonly workload: AgentWorkload;
  readonly project: IGoogleProject;
  /** The service account that it runs as. @default - one is created, `<environment>-<agent>` */
  readonly identity?: GoogleIdentity;
  /**
   * What it gets from what it leans on.
   *
   * @default - the variables of the contract with images, and nothing else
   */
  readonly binding?: AgentBinding;
  /** Network that it reaches stores and closed agents through. @default - none: it reaches public addresses only */
  readonly network?: IGoogleNetwork;
  /**
   * Whether everybody who reaches it is let through, so that its card is public and it checks tokens itself. Without,
   * Cloud Run lets `invokers` through and nobody else.
   *
   * @default true
   */
  readonly everyone?: boolean;
  /** Who may call, as IAM writes them, by a short name of each. Not together with `everyone`. @default {} */
  readonly invokers?: Readonly<Record<string, string>>;
  /** Host name that is mapped to it; verified with Google beforehand. @default - none */
  readonly domain?: string;
  /** @default true */
  readonly deletionProtection?: boolean;
}

/** Name of the agent's container; a collector's or another sidecar's stands beside it. */
const CONTAINER = "agent";

/** Set by Cloud Run from the container's port: it refuses a service that sets it. */
const PORT_VARIABLE = "PORT";

/**
 * One agent on Cloud Run: its service account, its service, and who may call it.
 *
 * @throws Error when invokers are named and everyone is let through anyway.
 * @example
 * const project = GoogleProject.fromExisting({ id: "acme-agents", number: "123456789012", region: "europe-west4" });
 * const agent = new CloudRunAgent(this, "research", { workload, project });
 * new TerraformOutput(this, "url", { value: agent.url });
 */
export class CloudRunAgent extends Construct {
  readonly workload: AgentWorkload;
  /** Its own address on Cloud Run, whatever stands in front. */
  readonly url: string;
  readonly identity: GoogleIdentity;
  /** Name of the revision that this deploy makes: what an environment's `traffic` names after the service. */
  readonly revision: string;
  private readonly service: CloudRunV2Service;
  private readonly project: IGoogleProject;
  private readonly everyone: boolean;

  constructor(scope: Construct, id: string, props: CloudRunAgentProps) {
    super(scope, id);
    const { workload, project, everyone = true, invokers = {}, domain } = props;
    this.workload = workload;
    this.project = project;
    this.everyone = everyone;
    this.url = workload.route.peerUrl;
    const name = serviceName(workload);
    this.identity = props.identity ?? createServiceAccount(this, project, workload);
    const binding = mergeBindings(workload, [
      {
        from: "what it leans on",
        binding: props.binding ?? { variables: { ...agentVariables(workload), ...workload.variables } },
      },
    ]);
    const folders = binding.files.map(({ path }) => folderOf(path));
    const shared = folders.find((folder, index) => folders.indexOf(folder) !== index);
    if (shared !== undefined) {
      throw new Error(
        `agent '${workload.name}': two of its files are in ${shared}, and Cloud Run mounts one file a folder; ` +
          "give each a folder of its own",
      );
    }
    const files = binding.files.map((file, index) => this.keepFile(file, index));
    const template = this.template(binding, files, props);
    this.revision = `${name}-${revisionStem(workload.version)}-${hashOf(this, template)}`;
    this.service = new CloudRunV2Service(this, "resource", {
      project: project.id,
      location: project.region,
      name,
      description: terraformText(workload.description.slice(0, 512)),
      ingress: ingressOf(workload),
      invokerIamDisabled: everyone,
      // What a token for Cloud Run's own check may also be for: the address that outsiders use.
      ...(everyone || baseUrl(workload.route.backendUrl) === this.url
        ? {}
        : { customAudiences: [workload.route.backendUrl] }),
      deletionProtection: props.deletionProtection ?? true,
      labels: this.labels(),
      // The service keeps its fewest instances, however traffic is split; each revision has its own most.
      ...(workload.minReplicas === 0 ? {} : { scaling: { minInstanceCount: workload.minReplicas } }),
      template: { ...template, revision: this.revision },
      traffic: workload.traffic.map(({ revision, percent, tag }) => ({
        percent,
        ...(tag === undefined ? {} : { tag }),
        ...(revision === "latest"
          ? { type: "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST" }
          : { type: "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION", revision: `${name}-${revision}` }),
      })),
      // A first revision that fails is replaced next time, and deletion protection stands in the way of that.
      dependsOn: [
        ...project.readyAfter,
        ...binding.readyAfter,
        ...binding.grants,
        ...files.flatMap(({ secret, grant }) => [...secret.readyAfter, grant]),
        ...(props.network?.readyAfter ?? []),
      ],
    });
    this.node.defaultChild = this.service;
    for (const [who, member] of Object.entries(invokers)) this.admit(who, member);
    if (domain !== undefined) this.map(domain);
    checkServices(TerraformStack.of(this));
  }

  /**
   * Lets one more caller through.
   *
   * @throws Error when everyone is let through anyway.
   */
  admit(who: string, member: string): void {
    const { workload, project, service } = this;
    if (this.everyone) {
      throw new Error(
        `agent '${workload.name}': ${who} (${member}) is to be let through by IAM, whose check is off because everyone is; ` +
          "set 'everyone' to false, or remove 'invokers'",
      );
    }
    new CloudRunV2ServiceIamMember(this, `invoker-${who}`, {
      project: project.id,
      location: project.region,
      name: service.name,
      role: "roles/run.invoker",
      member,
    });
  }

  private map(domain: string): void {
    const { project, service } = this;
    new CloudRunDomainMapping(this, "domain", {
      project: project.id,
      location: project.region,
      name: domain,
      metadata: { namespace: project.id },
      spec: { routeName: service.name },
    });
  }

  private labels(): Record<string, string> {
    const { workload, project } = this;
    return {
      ...project.labels,
      app: workload.name,
      protocol: "a2a",
      environment: workload.environment,
      version: labelText(workload.version),
      ...(workload.customer === null ? {} : { customer: workload.customer }),
      ...ownedByFleet,
    };
  }

  /** Cloud Run has no files but secrets: a file's content becomes one, pinned, so that another content is another revision. */
  private keepFile({ path, content }: AgentFile, index: number): KeptFile {
    const { workload, project } = this;
    const name = `file-${index}`;
    const secret = writeSecret(this, name, {
      project,
      name,
      secretId: `${serviceName(workload)}-${name}`,
      content: { secretData: content },
    });
    return {
      name,
      path,
      secret,
      grant: grantGoogleSecret(this, project, secret, this.identity.member),
    };
  }

  private template(
    binding: CompleteBinding,
    files: readonly KeptFile[],
    { workload, network }: CloudRunAgentProps,
  ): CloudRunV2ServiceTemplate {
    const timeout = workload.route.peerHops.find(({ name }) => name === "cloud-run")?.timeoutSeconds ?? 300;
    return {
      serviceAccount: this.identity.email,
      timeout: `${timeout}s`,
      maxInstanceRequestConcurrency: requestsPerInstance(workload),
      // The first generation is the one that takes less than one core.
      executionEnvironment: workload.cpu < 1 ? "EXECUTION_ENVIRONMENT_GEN1" : "EXECUTION_ENVIRONMENT_GEN2",
      scaling: { maxInstanceCount: workload.maxReplicas },
      ...(network === undefined
        ? {}
        : {
            vpcAccess: {
              egress: "PRIVATE_RANGES_ONLY",
              networkInterfaces: [{ network: network.id, subnetwork: network.subnetworkId }],
            },
          }),
      containers: [
        agentContainer(workload, binding, files),
        ...binding.sidecars.map(sidecarContainer(workload)),
      ],
      volumes: files.map(({ name, path, secret }) => ({
        name,
        secret: {
          secret: secret.secretId,
          items: [{ path: fileName(path), version: secret.version, mode: 0o444 }],
        },
      })),
    };
  }
}

interface KeptFile {
  readonly name: string;
  readonly path: string;
  readonly secret: GoogleSecret;
  readonly grant: ReturnType<typeof grantGoogleSecret>;
}

/** The service account that an agent runs as, made before anything is granted to it. */
export function createServiceAccount(
  scope: Construct,
  project: IGoogleProject,
  workload: AgentWorkload,
): GoogleIdentity {
  const account = new ServiceAccount(scope, "identity", {
    project: project.id,
    accountId: googleNames({ name: workload.environment }).serviceAccount(workload.name),
    displayName: `Agent ${workload.name} of ${workload.environment}`,
    dependsOn: [...project.readyAfter],
  });
  return { email: account.email, member: account.member, uniqueId: account.uniqueId };
}

function serviceName({ environment, name }: AgentWorkload): string {
  return googleNames({ name: environment }).service(name);
}

/** Behind a load balancer the run.app address is closed, or it would be a way around. */
function ingressOf({ route, reach }: AgentWorkload): string {
  if (route.hops.some(({ name }) => name === "google-load-balancer")) {
    return "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER";
  }
  return reach === "environment" ? "INGRESS_TRAFFIC_INTERNAL_ONLY" : "INGRESS_TRAFFIC_ALL";
}

function agentContainer(
  workload: AgentWorkload,
  binding: CompleteBinding,
  files: readonly KeptFile[],
): CloudRunV2ServiceTemplateContainers {
  const { image, port, cpu, memoryMiB, probes } = workload;
  return {
    name: CONTAINER,
    image,
    ports: { containerPort: port },
    resources: {
      limits: limits(cpu, memoryMiB),
      // Off only where Cloud Run insists: an agent works on when its response is out, or its stream was cut.
      cpuIdle: cpu < 1,
      startupCpuBoost: true,
    },
    env: variables(binding),
    startupProbe: probe(probes.startup, port),
    livenessProbe: probe(probes.liveness, port),
    volumeMounts: files.map(({ name, path }) => ({ name, mountPath: folderOf(path) })),
    ...(binding.sidecars.length === 0 ? {} : { dependsOn: binding.sidecars.map(({ name }) => name) }),
  };
}

/** Its startup probe is what lets the agent's container wait for it. */
function sidecarContainer({ cpu: agentCpu }: AgentWorkload) {
  return (sidecar: AgentSidecar): CloudRunV2ServiceTemplateContainers => {
    const { name, image, cpu, memoryMiB, args, healthPath, healthPort } = sidecar;
    const health = { path: healthPath, port: healthPort };
    return {
      name,
      image,
      args: args.map(terraformText),
      resources: { limits: limits(cpu, memoryMiB), cpuIdle: agentCpu < 1 },
      env: Object.entries(sidecar.variables).map(([variable, value]) => ({
        name: variable,
        value: terraformText(value),
      })),
      startupProbe: { httpGet: health, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 12 },
      livenessProbe: { httpGet: health, periodSeconds: 30, timeoutSeconds: 5, failureThreshold: 3 },
    };
  };
}

function limits(cpu: number, memoryMiB: number): { cpu: string; memory: string } {
  return {
    cpu: Number.isInteger(cpu) ? String(cpu) : `${Math.round(cpu * 1000)}m`,
    memory: memoryMiB % 1024 === 0 ? `${memoryMiB / 1024}Gi` : `${memoryMiB}Mi`,
  };
}

/** Sorted, so that a change of order in a definition is no new revision. */
function variables(binding: CompleteBinding) {
  const plain = Object.entries(binding.variables)
    .filter(([name]) => name !== PORT_VARIABLE)
    .map(([name, value]) => ({ name, value: terraformText(value) }));
  const secret = binding.secrets.map(({ variable, id }) => ({
    name: variable,
    // What an instance reads when it starts: a rotated secret needs no deploy.
    valueSource: { secretKeyRef: { secret: id, version: "latest" } },
  }));
  return [...plain, ...secret].toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

function probe(probe: AgentProbe, port: number) {
  return {
    httpGet: { path: probe.path, port },
    initialDelaySeconds: probe.initialDelaySeconds,
    periodSeconds: probe.periodSeconds,
    timeoutSeconds: probe.timeoutSeconds,
    failureThreshold: probe.failureThreshold,
  };
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/**
 * Hash of everything that a revision is made of. A revision never changes, so Cloud Run refuses another content under
 * the same name: what only the deploy knows (a store's address, a file's version) is hashed by Terraform itself.
 */
function hashOf(scope: Construct, template: CloudRunV2ServiceTemplate): string {
  const resolver = new DefaultTokenResolver(new StringConcat());
  const resolved: unknown = Tokenization.resolve(template, { scope, resolver });
  const references = [...new Set(textsIn(resolved).flatMap(expressionsIn))].toSorted();
  const fixed = createHash("sha256").update(JSON.stringify(resolved)).digest("hex");
  if (references.length === 0) return fixed.slice(0, REVISION_HASH_LENGTH);
  return `\${substr(sha256(join("|", ["${fixed}", ${references.join(", ")}])), 0, ${REVISION_HASH_LENGTH})}`;
}

function textsIn(data: unknown): string[] {
  if (typeof data === "string") return [data];
  if (typeof data !== "object" || data === null) return [];
  return Object.values(data).flatMap(textsIn);
}

/** What stands between `${` and its `}`; `$${` is a text that only looks like it. */
function expressionsIn(text: string): string[] {
  const expressions: string[] = [];
  for (let start = text.indexOf("${"); start >= 0; start = text.indexOf("${", start + 2)) {
    if (text[start - 1] === "$") continue;
    let depth = 1;
    let end = start + 2;
    for (; end < text.length && depth > 0; end += 1) {
      if (text[end] === "{") depth += 1;
      if (text[end] === "}") depth -= 1;
    }
    expressions.push(text.slice(start + 2, end - 1));
    start = end - 2;
  }
  return expressions;
}
