import { GoogleProvider } from "@cdktf/provider-google/lib/provider";
import { TerraformOutput, TerraformStack } from "cdktf";
import type { Construct } from "constructs";
import { ownedByFleet } from "../environment/fleet-tags";
import { keepState } from "../parts/keep-state";
import { PlaceholderGuard } from "../parts/placeholder-guard";
import { ArtifactRegistry, type UpstreamRegistry } from "./artifact-registry";
import type { GoogleFleetRegistry } from "./facts/artifact-registries";
import { GOOGLE_REGISTRY_STACK } from "./facts/artifact-registries";
import { repositoryOf } from "./facts/google-images";
import { GoogleProject, type IGoogleProject, IMAGE_SERVICES } from "./google-project";
import { SecretManagerSecrets } from "./secret-manager-secrets";

const DEFAULT_PASSWORD_SECRET = "image-pull-password";

/**
 * The repository that Cloud Run pulls from in all environments: deployed once, before them, because a service whose
 * image isn't there fails, and deletion protection then stands in the way of its replacement.
 */
export class GoogleRegistryStack extends TerraformStack {
  constructor(scope: Construct, registry: GoogleFleetRegistry) {
    super(scope, GOOGLE_REGISTRY_STACK);
    const guard = new PlaceholderGuard(this, GOOGLE_REGISTRY_STACK, registry);
    if (!guard.closed) keepState(this, GOOGLE_REGISTRY_STACK, registry.state);
    const { projectId, projectNumber, region } = registry;
    new GoogleProvider(this, "google", { project: guard.pass(projectId), region });
    const project = new GoogleProject(this, "project", {
      id: projectId,
      number: projectNumber,
      region,
      tags: ownedByFleet,
      services: IMAGE_SERVICES,
    });
    const { server } = new ArtifactRegistry(this, "images", {
      project,
      repositoryId: repositoryOf(registry, registry).repository,
      upstream: this.logIn(project, registry),
    });
    new TerraformOutput(this, "server", {
      staticId: true,
      description: "Where images are pushed, or fetched through",
      value: server,
    });
  }

  private logIn(project: IGoogleProject, { upstream }: GoogleFleetRegistry): UpstreamRegistry | undefined {
    if (upstream === undefined) return undefined;
    const { server, username, passwordSecret = DEFAULT_PASSWORD_SECRET } = upstream;
    const secrets = new SecretManagerSecrets(this, "secrets", {
      project,
      secretId: (name) => name,
      secrets: [passwordSecret],
    });
    new TerraformOutput(this, "google_secrets_to_set", {
      staticId: true,
      description: "Secrets on Google that hold a placeholder until somebody adds a version, and how",
      value: {
        [passwordSecret]: `gcloud secrets versions add ${passwordSecret} --project ${project.id} --data-file=<file with the password>`,
      },
    });
    return { host: server.split("/")[0] as string, username, password: secrets.secret(passwordSecret) };
  }
}
