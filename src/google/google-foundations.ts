import { GoogleProvider } from "@cdktf/provider-google/lib/provider";
import { TerraformOutput } from "cdktf";
import { Construct } from "constructs";
import type { AgentWorkload } from "../agent/agent-workload";
import type { Environment } from "../environment/environment";
import { isExistingPostgres } from "../environment/existing-postgres";
import { isExistingRedis } from "../environment/existing-redis";
import { fleetTags } from "../environment/fleet-tags";
import { modelKeySecret } from "../environment/model-gateway-settings";
import { clientSecretName, ownSecrets } from "../environment/own-secrets";
import { safeguards } from "../environment/safeguards";
import { cloudSecretsOf } from "../fleet/secrets-of";
import { taskStoreFor } from "../fleet/task-store-for";
import type { IAgentDependency } from "../parts/agent-dependency";
import { type AgentHost, agentHost } from "../parts/agent-host";
import type { ICloudFoundations } from "../parts/cloud-half";
import { COLLECTOR_IMAGE } from "../parts/collector-image";
import { existingCollector } from "../parts/existing-collector";
import type { IOutsideIssuer } from "../parts/federation";
import type { PlaceholderGuard } from "../parts/placeholder-guard";
import { ArtifactRegistry, type IArtifactRegistry } from "./artifact-registry";
import { cloudRunPlatform } from "./cloud-run/cloud-run-platform";
import { CloudSqlTaskStore } from "./cloud-sql-task-store";
import type { NamedInvokers } from "./facts/cloud-run-settings";
import { loadBalancerHost, mappedHost } from "./facts/cloud-run-traits";
import { googleImages } from "./facts/google-images";
import { googleNames } from "./facts/google-names";
import { GoogleAlerts } from "./google-alerts";
import { googleBudget } from "./google-budget";
import { googleExistingPostgres } from "./google-existing-postgres";
import { GoogleFront } from "./google-front";
import type { GoogleIdentity } from "./google-identity";
import { googleModelGateway } from "./google-model-gateway";
import { GoogleNetwork, type IGoogleNetwork } from "./google-network";
import { GoogleProject, type IGoogleProject } from "./google-project";
import { googleTelemetry } from "./google-telemetry";
import { googleTokenIssuer, hasClientSecret } from "./google-token-issuer";
import { MemorystoreTaskStore } from "./memorystore-task-store";
import { SecretManagerSecrets } from "./secret-manager-secrets";

export interface GoogleFoundationsProps {
  readonly environment: Environment;
  /** The agents that run on Google. */
  readonly workloads: readonly AgentWorkload[];
  readonly guard: PlaceholderGuard;
  /** Who signs the tokens of callers, where the environment has somebody. */
  readonly identityProvider: IOutsideIssuer | undefined;
}

/** The Google side of an environment: what its agents there lean on, where they run, and what stands in front. */
export class GoogleFoundations extends Construct implements ICloudFoundations {
  /** What its agents are told of is not its own. */
  readonly identityProvider = undefined;
  readonly facts = {};
  readonly project: IGoogleProject;
  readonly network: IGoogleNetwork;
  readonly secrets: SecretManagerSecrets;
  readonly images: IArtifactRegistry;
  private front: GoogleFront | undefined;
  private readonly environment: Environment;
  private readonly deletionProtection: boolean;
  private readonly highAvailability: boolean;
  private readonly workloads: readonly AgentWorkload[];
  private readonly dependencies: readonly IAgentDependency<GoogleIdentity>[];
  private readonly alerts: GoogleAlerts;

  constructor(scope: Construct, id: string, props: GoogleFoundationsProps) {
    super(scope, id);
    const { environment, workloads, guard } = props;
    this.environment = environment;
    const { deletionProtection, highAvailability } = safeguards(environment);
    this.deletionProtection = deletionProtection;
    this.highAvailability = highAvailability;
    this.workloads = workloads;
    const { projectId, projectNumber, region } = this.google;
    // Who logs in is the provider's own business: gcloud, or workload identity.
    new GoogleProvider(this, "google", { project: guard.pass(projectId), region });
    this.project = new GoogleProject(this, "project", {
      id: projectId,
      number: projectNumber,
      region,
      tags: fleetTags(environment),
      makesBudgets: environment.budget?.billingAccount !== undefined,
      keepsDatabases: taskStoreFor(environment, "cloud-run").kind === "cloud-sql",
    });
    this.network = this.createNetwork();
    this.secrets = new SecretManagerSecrets(this, "secrets", {
      project: this.project,
      secretId: this.names.secret,
      secrets: this.secretNames(),
    });
    this.images = this.findImages();
    this.alerts = new GoogleAlerts(this, "alerts", { environment, project: this.project });
    this.alerts.watchPart("secret-manager", "vault", 'service="secretmanager.googleapis.com"');
    this.dependencies = this.createDependencies(props.identityProvider);
    googleBudget(this, "budget", {
      name: environment.name,
      project: this.project,
      budget: environment.budget,
      notificationChannels: this.alerts.notificationChannels,
    });
  }

  /** Where the agents of Cloud Run run. */
  hosts(): AgentHost[] {
    const { project, network, environment, dependencies, deletionProtection } = this;
    const { invokers } = environment.cloudRun ?? {};
    const platform = cloudRunPlatform({
      project,
      network,
      invokers: invokers?.kind === "callers" ? { members: membersOf(invokers) } : "everyone",
      domain: (agent) => mappedHost(environment, agent),
      deletionProtection,
    });
    const { alerts } = this;
    return [agentHost({ platform, dependencies, watch: alerts.watchAgent.bind(alerts) })];
  }

  private get google() {
    const { google, name } = this.environment;
    if (google === undefined) throw new Error(`environment '${name}' has no Google side; set 'google'`);
    return google;
  }

  private get names() {
    return googleNames(this.environment);
  }

  /** Those that people fill in: the agents' own, and of their clients at the issuer. */
  private secretNames(): string[] {
    const { environment, workloads } = this;
    const clients = workloads.filter(hasClientSecret).map(({ name }) => clientSecretName(name));
    return [...cloudSecretsOf(workloads, environment, taskStoreFor(environment, "cloud-run")), ...clients];
  }

  private createNetwork(): IGoogleNetwork {
    const { project } = this;
    const settings = this.google.network;
    if (settings?.kind === "existing") {
      const { network, subnetwork } = settings;
      return GoogleNetwork.fromExisting(this, "network", { project, network, subnetwork });
    }
    return new GoogleNetwork(this, "network", { project, name: this.names.network, cidr: settings?.cidr });
  }

  private findImages(): IArtifactRegistry {
    const { project, environment } = this;
    const images = googleImages(environment);
    if (images === undefined) {
      throw new Error(`environment '${environment.name}' has no images on Google; set google.images`);
    }
    return ArtifactRegistry.fromExisting(this, "images", { project, images });
  }

  /** The load balancer, which admits what is in front of it in another cloud. */
  createFront(_workloads: readonly AgentWorkload[], calledFrom: string | undefined): undefined {
    const { project, environment, workloads, names } = this;
    const host = loadBalancerHost(environment);
    const front = environment.cloudRun?.front;
    if (host === undefined || front?.kind !== "load-balancer") return;
    const gateway = calledFrom === undefined ? [] : [`${calledFrom}/32`];
    const admits = [...gateway, ...(front.admits ?? [])];
    this.alerts.watchPart("load-balancer", "load-balancer", `forwarding_rule_name="${names.front}-https"`);
    this.front = new GoogleFront(this, "front", {
      project,
      name: names.front,
      host,
      services: Object.fromEntries(
        workloads
          .filter(({ reach }) => reach !== "environment")
          .map(({ name }) => [name, names.service(name)]),
      ),
      admits: admits.length === 0 ? undefined : admits,
      behindGateway: environment.gateway !== undefined,
      rateLimitPerMinute: environment.rateLimitPerMinute,
    });
  }

  private createDependencies(
    identityProvider: GoogleFoundationsProps["identityProvider"],
  ): readonly IAgentDependency<GoogleIdentity>[] {
    const { environment, secrets, images } = this;
    const { modelGateway } = environment;
    return [
      secrets,
      { dependencyName: "images", bind: () => ({ readyAfter: images.readyAfter }) },
      ...this.createTaskStore(),
      this.createTelemetry(),
      ...(identityProvider === undefined ? [] : [googleTokenIssuer({ secrets, provider: identityProvider })]),
      ...(modelGateway === undefined
        ? []
        : [
            googleModelGateway({
              url: modelGateway.url,
              keySecret: modelKeySecret(modelGateway),
              secrets,
            }),
          ]),
    ];
  }

  private createTaskStore(): IAgentDependency<GoogleIdentity>[] {
    const { environment, project, network, secrets, names, highAvailability, deletionProtection } = this;
    const settings = taskStoreFor(environment, "cloud-run");
    if (isExistingRedis(settings)) return [MemorystoreTaskStore.fromExisting({ ...settings, secrets })];
    if (isExistingPostgres(settings)) return [googleExistingPostgres(settings, secrets)];
    if (settings.kind === "cloud-sql") {
      this.alerts.watchPart("cloud-sql", "store", `database_id="${project.id}:${names.database}"`);
      return [
        new CloudSqlTaskStore(this, "task-store", {
          ...settings,
          project,
          network,
          name: names.database,
          secretId: names.secret,
          highAvailability,
          deletionProtection,
        }),
      ];
    }
    // Agents that keep their tasks to themselves need no other; the rest were refused before.
    if (settings.kind !== "memorystore") return [];
    const { id, region } = project;
    const instance = `projects/${id}/locations/${region}/instances/${names.redis}`;
    this.alerts.watchPart("memorystore", "store", `instance_id="${instance}"`);
    return [
      new MemorystoreTaskStore(this, "task-store", {
        project,
        name: names.redis,
        network,
        urlSecretId: names.secret(ownSecrets.taskStoreUrl),
        passwordSecretId: names.secret(ownSecrets.taskStoreKey),
        memorySizeGiB: settings.memorySizeGiB,
        highAvailability,
        deletionProtection,
      }),
    ];
  }

  private createTelemetry(): IAgentDependency<GoogleIdentity> {
    const { collectorImage, existingEndpoint, sampleRatio } = this.environment.telemetry ?? {};
    if (existingEndpoint !== undefined) return existingCollector({ endpoint: existingEndpoint, sampleRatio });
    return googleTelemetry({ project: this.project, image: collectorImage ?? COLLECTOR_IMAGE, sampleRatio });
  }

  /** The secrets that hold a placeholder, and the DNS records that somebody has to set. */
  tell(): void {
    const { secrets, project, front } = this;
    const names = this.secretNames();
    if (names.length > 0) {
      new TerraformOutput(this, "google_secrets_to_set", {
        staticId: true,
        description: "Secrets on Google that hold a placeholder until somebody adds a version, and how",
        value: Object.fromEntries(
          names.map((name) => [
            name,
            `gcloud secrets versions add ${this.names.secret(secrets.secret(name).name)} --project ${project.id} --data-file=<file with the value>`,
          ]),
        ),
      });
    }
    const records = this.dnsRecords(front);
    if (Object.keys(records).length === 0) return;
    new TerraformOutput(this, "google_dns_records_to_set", {
      staticId: true,
      description:
        "DNS records that lead to the agents on Google; certificates are signed once they are there",
      value: records,
    });
  }

  private dnsRecords(front: GoogleFront | undefined): Record<string, string> {
    const { environment, workloads } = this;
    const host = loadBalancerHost(environment);
    if (host !== undefined && front !== undefined) return { [host]: `A ${front.address}` };
    return Object.fromEntries(
      workloads
        .filter(({ reach }) => reach === "internet")
        .flatMap(({ name }) => {
          const mapped = mappedHost(environment, name);
          return mapped === undefined ? [] : [[mapped, "CNAME ghs.googlehosted.com."]];
        }),
    );
  }
}

/** Who besides the fleet's own agents may call each of them. */
function membersOf({ members = [], membersOf: own = {} }: NamedInvokers): (agent: string) => string[] {
  return (agent) => [...new Set([...members, ...(own[agent] ?? [])])];
}
