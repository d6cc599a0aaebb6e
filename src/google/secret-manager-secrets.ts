import { SecretManagerSecret } from "@cdktf/provider-google/lib/secret-manager-secret";
import { SecretManagerSecretIamMember } from "@cdktf/provider-google/lib/secret-manager-secret-iam-member";
import { SecretManagerSecretVersion } from "@cdktf/provider-google/lib/secret-manager-secret-version";
import type { ITerraformDependable } from "cdktf";
import { Construct } from "constructs";
import type { AgentWorkload } from "../agent/agent-workload";
import type { AgentBinding, IAgentDependency, RoleGrant, SecretReference } from "../parts/agent-dependency";
import { listOf } from "../problem";
import type { GoogleIdentity } from "./google-identity";
import type { IGoogleProject } from "./google-project";

/** One secret in Secret Manager, as others grant and refer to it. */
export interface GoogleSecret {
  /** Its name in definitions. */
  readonly name: string;
  /** Its id in the project. */
  readonly secretId: string;
  /** Number of the version that the deploy wrote, or `latest`. */
  readonly version: string;
  /** What has to be there before it can be read: a secret without a version stops a service from starting. */
  readonly readyAfter: readonly ITerraformDependable[];
}

/** Secrets in Secret Manager that agents on Google read. */
export interface ISecretManagerSecrets extends IAgentDependency<GoogleIdentity> {
  readonly project: IGoogleProject;
  /**
   * A secret that people fill in.
   *
   * @throws Error when there is none of that name.
   */
  readonly secret: (name: string) => GoogleSecret;
}

export interface SecretManagerSecretsProps {
  readonly project: IGoogleProject;
  /** Id of a secret in the project, by its name in definitions: environments may share a project. */
  readonly secretId: (name: string) => string;
  /**
   * Names of the secrets that people fill in. Each exists from the first deploy with a write-only placeholder that
   * later deploys leave alone.
   */
  readonly secrets: readonly string[];
}

/**
 * The secrets of a fleet in Secret Manager. An agent reads each of its own by a role on that secret alone.
 *
 * @throws Error when a secret is named twice.
 * @example
 * const secrets = new SecretManagerSecrets(this, "secrets", {
 *   project, secretId: (name) => `dev-${name}`, secrets: ["openai-api-key"],
 * });
 */
export class SecretManagerSecrets extends Construct implements ISecretManagerSecrets {
  /** Secrets that exist, each with a version. Agents get their own roles on them all the same. */
  static fromExisting(props: SecretManagerSecretsProps): ISecretManagerSecrets {
    const { project, secretId } = props;
    const secrets = new Map(
      props.secrets.map((name) => [
        name,
        { name, secretId: secretId(name), version: "latest", readyAfter: [] },
      ]),
    );
    const secret = (name: string) => find(project, secrets, name);
    return {
      project,
      dependencyName: `secrets of project ${project.id}`,
      secret,
      bind: (scope, workload, identity) => bindSecrets({ project, secret }, scope, workload, identity),
    };
  }

  readonly project: IGoogleProject;
  readonly dependencyName: string;
  private readonly secrets: ReadonlyMap<string, GoogleSecret>;

  constructor(scope: Construct, id: string, { project, secretId, secrets }: SecretManagerSecretsProps) {
    super(scope, id);
    this.project = project;
    this.dependencyName = `secrets of project ${project.id}`;
    this.secrets = new Map(
      secrets.map((name) => [
        name,
        writeSecret(this, name, {
          project,
          name,
          secretId: secretId(name),
          // Write-only with a version that never changes: an operator's value is neither overwritten nor read into
          // state. They add a version; agents read the latest.
          content: { secretDataWo: "placeholder", secretDataWoVersion: 1 },
        }),
      ]),
    );
  }

  secret(name: string): GoogleSecret {
    return find(this.project, this.secrets, name);
  }

  bind(scope: Construct, workload: AgentWorkload, identity: GoogleIdentity): AgentBinding {
    return bindSecrets(this, scope, workload, identity);
  }
}

function find(
  project: IGoogleProject,
  secrets: ReadonlyMap<string, GoogleSecret>,
  name: string,
): GoogleSecret {
  const secret = secrets.get(name);
  if (secret !== undefined) return secret;
  throw new Error(
    `project '${project.id}' has no secret '${name}' (it has ${listOf([...secrets.keys()])}); add it to 'secrets', or correct the name`,
  );
}

function bindSecrets(
  vault: Pick<ISecretManagerSecrets, "project" | "secret">,
  scope: Construct,
  workload: AgentWorkload,
  identity: GoogleIdentity,
): AgentBinding {
  // Several variables may carry one secret; it is granted once.
  const secrets = [...new Set(workload.secrets.map(({ name }) => name))].map((name) => vault.secret(name));
  return {
    secrets: workload.secrets.map(({ variable, name }) =>
      googleSecretReference(vault.project, vault.secret(name), variable),
    ),
    grants: secrets.map((secret) => grantGoogleSecret(scope, vault.project, secret, identity.member)),
    readyAfter: secrets.flatMap(({ readyAfter }) => readyAfter),
  };
}

/** A secret as a variable of an agent. */
export function googleSecretReference(
  project: IGoogleProject,
  secret: GoogleSecret,
  variable: string,
): SecretReference {
  return { variable, name: secret.name, vault: project.id, id: secret.secretId };
}

/** Lets one member read one secret, once however many variables it is in. */
export function grantGoogleSecret(
  scope: Construct,
  project: IGoogleProject,
  secret: GoogleSecret,
  member: string,
): RoleGrant {
  const id = `read-${secret.name}`;
  const granted = scope.node.tryFindChild(id);
  if (granted instanceof SecretManagerSecretIamMember) return granted;
  return new SecretManagerSecretIamMember(scope, id, {
    project: project.id,
    secretId: secret.secretId,
    role: "roles/secretmanager.secretAccessor",
    member,
    dependsOn: [...secret.readyAfter],
  });
}

/** What a version of a secret holds. */
type SecretContent =
  | { readonly secretDataWo: string; readonly secretDataWoVersion: number }
  | { readonly secretData: string };

/** A secret with a version: a placeholder, or a value that the deploy itself knows, which is in the state like its source. */
export function writeSecret(
  scope: Construct,
  id: string,
  props: {
    readonly project: IGoogleProject;
    readonly name: string;
    readonly secretId: string;
    readonly content: SecretContent;
  },
): GoogleSecret {
  const { name, content } = props;
  return writeVersion(scope, `${id}-version`, { secret: createSecret(scope, id, props), name, content });
}

/** A secret without a version. */
export function createSecret(
  scope: Construct,
  id: string,
  { project, secretId }: { readonly project: IGoogleProject; readonly secretId: string },
): SecretManagerSecret {
  return new SecretManagerSecret(scope, id, {
    project: project.id,
    secretId,
    replication: { auto: {} },
    labels: { ...project.labels },
    dependsOn: [...project.readyAfter],
  });
}

/** Writes a version of a secret, once other things are there. */
export function writeVersion(
  scope: Construct,
  id: string,
  props: {
    readonly secret: SecretManagerSecret;
    /** Its name in definitions. */
    readonly name: string;
    readonly content: SecretContent;
    readonly after?: readonly ITerraformDependable[];
  },
): GoogleSecret {
  const { secret, name, content, after } = props;
  const version = new SecretManagerSecretVersion(scope, id, {
    secret: secret.id,
    ...content,
    // A new value is there before the old one goes: 'latest' always finds one.
    lifecycle: { createBeforeDestroy: true },
    ...(after !== undefined && { dependsOn: [...after] }),
  });
  return { name, secretId: secret.secretId, version: version.version, readyAfter: [version] };
}
