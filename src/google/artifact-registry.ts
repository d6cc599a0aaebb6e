import { ArtifactRegistryRepository } from "@cdktf/provider-google/lib/artifact-registry-repository";
import { ArtifactRegistryRepositoryIamMember } from "@cdktf/provider-google/lib/artifact-registry-repository-iam-member";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import { terraformText } from "../terraform-text";
import { type GoogleImages, imagesServer } from "./facts/google-images";
import type { IGoogleProject } from "./google-project";
import { type GoogleSecret, grantGoogleSecret } from "./secret-manager-secrets";

/** A repository of images that agents on Google are pulled from. */
export interface IArtifactRegistry {
  /** Host name and path of its images. */
  readonly server: string;
  /** What has to be there before an image can be pulled. */
  readonly readyAfter: readonly ITerraformDependable[];
}

/** A registry outside Google that a repository stands for: it fetches what is pulled, once. */
export interface UpstreamRegistry {
  /** Host name. */
  readonly host: string;
  readonly username: string;
  readonly password: GoogleSecret;
}

export interface ArtifactRegistryProps {
  readonly project: IGoogleProject;
  /** Repository id. */
  readonly repositoryId: string;
  /** @default - none: images are pushed to the repository itself */
  readonly upstream?: UpstreamRegistry;
  /** @default true */
  readonly deletionProtection?: boolean;
}

/**
 * Artifact Registry: Cloud Run pulls from nowhere else. Digests stay what they were upstream, so that an image is
 * promoted by digest across clouds.
 *
 * @example
 * const images = new ArtifactRegistry(this, "images", { project, repositoryId: "agents" });
 */
export class ArtifactRegistry extends Construct implements IArtifactRegistry {
  /**
   * A repository that exists. Where it is in another project than the agents, Cloud Run there is let in: it is the
   * platform that pulls, not an agent.
   */
  static fromExisting(
    scope: Construct,
    id: string,
    props: { readonly project: IGoogleProject; readonly images: GoogleImages },
  ): IArtifactRegistry {
    const { project, images } = props;
    const server = imagesServer(images);
    if (images.projectId === project.id) return { server, readyAfter: [] };
    const pull = new ArtifactRegistryRepositoryIamMember(new Construct(scope, id), "pull", {
      project: images.projectId,
      location: images.region,
      repository: images.repository,
      role: "roles/artifactregistry.reader",
      member: `serviceAccount:service-${project.number}@serverless-robot-prod.iam.gserviceaccount.com`,
      dependsOn: [...project.readyAfter],
    });
    return { server, readyAfter: [pull] };
  }

  readonly server: string;
  readonly readyAfter: readonly ITerraformDependable[];

  constructor(scope: Construct, id: string, props: ArtifactRegistryProps) {
    super(scope, id);
    const { project, repositoryId, upstream, deletionProtection = true } = props;
    this.server = imagesServer({
      projectId: project.id,
      region: project.region,
      repository: repositoryId,
      path: [],
    });
    const common = {
      project: project.id,
      location: project.region,
      repositoryId,
      format: "DOCKER",
      labels: { ...project.labels },
    };
    if (upstream === undefined) {
      const repository = new ArtifactRegistryRepository(this, "resource", {
        ...common,
        description: "Images of the agents",
        mode: "STANDARD_REPOSITORY",
        // A tag that can be moved is not what was tested.
        dockerConfig: { immutableTags: true },
        lifecycle: { preventDestroy: deletionProtection },
        dependsOn: [...project.readyAfter],
      });
      this.node.defaultChild = repository;
      this.readyAfter = [repository];
      return;
    }
    const { host, username, password } = upstream;
    const grant = grantGoogleSecret(
      this,
      project,
      password,
      `serviceAccount:service-${project.number}@gcp-sa-artifactregistry.iam.gserviceaccount.com`,
    );
    const repository = new ArtifactRegistryRepository(this, "resource", {
      ...common,
      description: `Images of the agents, fetched from ${host}`,
      mode: "REMOTE_REPOSITORY",
      remoteRepositoryConfig: {
        description: host,
        commonRepository: { uri: `https://${host}` },
        upstreamCredentials: {
          usernamePasswordCredentials: {
            username: terraformText(username),
            passwordSecretVersion: `projects/${project.id}/secrets/${password.secretId}/versions/latest`,
          },
        },
        // The secret holds a placeholder at the first deploy, which the upstream would refuse.
        disableUpstreamValidation: true,
      },
      dependsOn: [...project.readyAfter, grant, ...password.readyAfter],
    });
    this.node.defaultChild = repository;
    this.readyAfter = [repository];
  }
}
