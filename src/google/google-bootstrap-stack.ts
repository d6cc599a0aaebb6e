import { IamWorkloadIdentityPool } from "@cdktf/provider-google/lib/iam-workload-identity-pool";
import { IamWorkloadIdentityPoolProvider } from "@cdktf/provider-google/lib/iam-workload-identity-pool-provider";
import { ProjectIamMember } from "@cdktf/provider-google/lib/project-iam-member";
import { GoogleProvider } from "@cdktf/provider-google/lib/provider";
import { ServiceAccount } from "@cdktf/provider-google/lib/service-account";
import { ServiceAccountIamMember } from "@cdktf/provider-google/lib/service-account-iam-member";
import { StorageBucket } from "@cdktf/provider-google/lib/storage-bucket";
import { StorageBucketIamMember } from "@cdktf/provider-google/lib/storage-bucket-iam-member";
import { type ITerraformDependable, TerraformOutput, TerraformStack } from "cdktf";
import { Construct } from "constructs";
import type { Environment } from "../environment/environment";
import { ownedByFleet } from "../environment/fleet-tags";
import { registriesOf } from "../fleet/registries-of";
import { keepState } from "../parts/keep-state";
import { PlaceholderGuard } from "../parts/placeholder-guard";
import { GITHUB_ISSUER, type WorkflowIdentity, workflowIdentities } from "../parts/workflow-identities";
import { isGoogleFleetRegistry } from "./facts/artifact-registries";
import {
  deployerRoles,
  GRANTED_ROLES,
  GRANTING_ROLE,
  READER_ROLE,
  STATE_READING_ROLE,
  STATE_ROLE,
} from "./facts/deployer-roles";
import type { GoogleSettings } from "./facts/google-settings";
import { GoogleProject, type IGoogleProject } from "./google-project";

const GOOGLE_BOOTSTRAP_STACK = "bootstrap-google";

export interface GoogleBootstrapProps {
  /** Environments; those without a side in Google have nothing here. */
  readonly environments: readonly Environment[];
  /** Repository at GitHub whose workflows deploy, `owner/name`. @default - none does */
  readonly repository?: string;
  /** People who deploy, as IAM writes them: `group:platform@example.com`. @default - those who have their roles otherwise */
  readonly deployers?: readonly string[];
}

type OnGoogle = Environment & { readonly google: GoogleSettings };

/** What it takes to be somebody else, and to enable the APIs that the fleet's own stacks enable. */
const SERVICES = [
  "cloudresourcemanager.googleapis.com",
  "iam.googleapis.com",
  "iamcredentials.googleapis.com",
  "serviceusage.googleapis.com",
  "sts.googleapis.com",
];
/** A month, in which a bucket that was deleted, and a version that was overwritten, comes back. */
const KEPT_SECONDS = 30 * 24 * 3600;

/**
 * What has to be there before the first deploy to Google, once for all environments: where state is kept, unless
 * another cloud has it, who the workflows are, and what whoever deploys may do.
 *
 * @throws Error when no environment is on Google.
 */
export class GoogleBootstrapStack extends TerraformStack {
  constructor(scope: Construct, props: GoogleBootstrapProps) {
    super(scope, GOOGLE_BOOTSTRAP_STACK);
    const environments = props.environments.filter((each): each is OnGoogle => each.google !== undefined);
    const [first] = environments;
    if (first === undefined) throw new Error("no environment is on Google; there is nothing to make there");
    const { repository, deployers = [] } = props;
    const registries = environments.flatMap(registriesOf).filter(isGoogleFleetRegistry);
    const home = registries[0] ?? first.google;
    const projects = new Map(
      [home, ...environments.map(({ google }) => google), ...registries].map((each) => [
        each.projectId,
        each,
      ]),
    );
    const guard = new PlaceholderGuard(this, GOOGLE_BOOTSTRAP_STACK, {
      repository,
      deployers,
      projects: [...projects.values()].map(({ projectId, projectNumber }) => ({ projectId, projectNumber })),
      states: environments.map(({ state }) => state),
    });
    // Beside the images' own: whoever deploys one environment alone doesn't write there.
    const shared = registries[0]?.state ?? first.state;
    if (!guard.closed) keepState(this, GOOGLE_BOOTSTRAP_STACK, shared);
    new GoogleProvider(this, "google", { project: guard.pass(home.projectId), region: home.region });
    const made = new Map(
      [...projects].map(([id, { projectNumber, region }]): [string, IGoogleProject] => [
        id,
        new GoogleProject(this, `project-${id}`, {
          id,
          number: projectNumber,
          region,
          tags: ownedByFleet,
          services: SERVICES,
        }),
      ]),
    );
    const own = made.get(home.projectId) as IGoogleProject;
    const buckets = new Map(
      [shared, ...environments.map(({ state }) => state)].flatMap((state): [string, StorageBucket][] =>
        state.kind === "google-storage" ? [[state.bucket, createBucket(this, state.bucket, own)]] : [],
      ),
    );

    for (const member of deployers) {
      const scope = new Construct(this, `deployer-${member.replace(/[^A-Za-z0-9]+/g, "-")}`);
      for (const project of made.values()) grantDeployer(scope, project, member);
      for (const [name, bucket] of buckets) grantState(scope, name, bucket, STATE_ROLE, member);
    }
    if (repository === undefined) return;
    const pool = createPool(this, own, repository);
    const workflows = environments.flatMap((environment) =>
      workflowIdentities(environment, repository).map((workflow) => {
        const scope = new Construct(this, `workflow-${workflow.name}`);
        const account = createAccount(scope, own, pool, workflow);
        const used = [environment.google, ...registriesOf(environment).filter(isGoogleFleetRegistry)].map(
          ({ projectId }) => projectId,
        );
        for (const project of [...new Set(used)].flatMap((id) => made.get(id) ?? [])) {
          if (workflow.may === "deploy") grantDeployer(scope, project, account.member);
          else grantRole(scope, project, READER_ROLE, account.member);
        }
        const { state } = environment;
        const bucket = state.kind === "google-storage" ? buckets.get(state.bucket) : undefined;
        if (bucket !== undefined) {
          const role = workflow.may === "deploy" ? STATE_ROLE : STATE_READING_ROLE;
          grantState(scope, (state as { bucket: string }).bucket, bucket, role, account.member);
        }
        return { workflow, account };
      }),
    );
    tell(this, pool, workflows);
  }
}

/** Every version of the last month, reached by roles alone, never public, never destroyed. */
function createBucket(scope: Construct, name: string, project: IGoogleProject): StorageBucket {
  const known = scope.node.tryFindChild(`state-${name}`);
  if (known !== undefined) return known as StorageBucket;
  return new StorageBucket(scope, `state-${name}`, {
    project: project.id,
    name,
    location: project.region.toUpperCase(),
    uniformBucketLevelAccess: true,
    publicAccessPrevention: "enforced",
    versioning: { enabled: true },
    softDeletePolicy: { retentionDurationSeconds: KEPT_SECONDS },
    forceDestroy: false,
    labels: { ...project.labels },
    lifecycle: { preventDestroy: true },
    dependsOn: [...project.readyAfter],
  });
}

/** Whom Google believes: GitHub, of tokens of jobs of one repository. */
function createPool(scope: Construct, project: IGoogleProject, repository: string): GitHubPool {
  const pool = new IamWorkloadIdentityPool(scope, "github-pool", {
    project: project.id,
    workloadIdentityPoolId: "github",
    displayName: "GitHub",
    description: "Workflows that deploy the fleet",
    // The id of a deleted one is taken for a month.
    lifecycle: { preventDestroy: true },
    dependsOn: [...project.readyAfter],
  });
  const provider = new IamWorkloadIdentityPoolProvider(scope, "github", {
    project: project.id,
    workloadIdentityPoolId: pool.workloadIdentityPoolId,
    workloadIdentityPoolProviderId: "github",
    displayName: "GitHub",
    attributeMapping: { "google.subject": "assertion.sub", "attribute.repository": "assertion.repository" },
    attributeCondition: `assertion.repository == '${repository}'`,
    oidc: { issuerUri: GITHUB_ISSUER },
    lifecycle: { preventDestroy: true },
  });
  return { pool, provider };
}

interface GitHubPool {
  readonly pool: IamWorkloadIdentityPool;
  readonly provider: IamWorkloadIdentityPoolProvider;
}

/** Who a workflow is: an account without a key, which tokens of its jobs alone may be. */
function createAccount(
  scope: Construct,
  project: IGoogleProject,
  { pool, provider }: GitHubPool,
  { may, environment, name, subject }: WorkflowIdentity,
): ServiceAccount {
  const account = new ServiceAccount(scope, "identity", {
    project: project.id,
    accountId: `${may}-${environment}`,
    displayName: `Workflow jobs of ${name}`,
    dependsOn: [...project.readyAfter],
  });
  new ServiceAccountIamMember(scope, "github", {
    serviceAccountId: account.name,
    role: "roles/iam.workloadIdentityUser",
    member: `principal://iam.googleapis.com/${pool.name}/subject/${subject}`,
    dependsOn: [provider],
  });
  return account;
}

function grantDeployer(scope: Construct, project: IGoogleProject, member: string): void {
  for (const role of deployerRoles) grantRole(scope, project, role, member);
}

function grantRole(scope: Construct, project: IGoogleProject, role: string, member: string): void {
  const dependsOn: ITerraformDependable[] = [...project.readyAfter];
  new ProjectIamMember(scope, `${project.id}-${role.replace(/^roles\//, "").replaceAll(".", "-")}`, {
    project: project.id,
    role,
    member,
    // With the role as it is its holder would make itself an owner.
    ...(role === GRANTING_ROLE && {
      condition: {
        title: "roles-of-the-fleet",
        description: "Grants and takes back what the fleet grants, and nothing else",
        expression: `api.getAttribute('iam.googleapis.com/modifiedGrantsByRole', []).hasOnly([${GRANTED_ROLES.map((each) => `'${each}'`).join(", ")}])`,
      },
    }),
    dependsOn,
  });
}

function grantState(scope: Construct, id: string, bucket: StorageBucket, role: string, member: string): void {
  new StorageBucketIamMember(scope, `state-${id}`, { bucket: bucket.name, role, member });
}

/** Says what is left: the workflows' variables. */
function tell(
  stack: TerraformStack,
  { provider }: GitHubPool,
  workflows: readonly { readonly workflow: WorkflowIdentity; readonly account: ServiceAccount }[],
): void {
  const variable = { plan: "GOOGLE_SERVICE_ACCOUNT_READ", deploy: "GOOGLE_SERVICE_ACCOUNT_DEPLOY" };
  new TerraformOutput(stack, "github_variables", {
    staticId: true,
    description: "What the workflows log in with: run these once, in the repository",
    value: [
      `gh variable set GOOGLE_IDENTITY_PROVIDER --body ${provider.name}`,
      ...workflows.map(
        ({ workflow: { name, may }, account }) =>
          `gh variable set ${variable[may]} --env ${name} --body ${account.email}`,
      ),
    ],
  });
}
