import type { Construct } from "constructs";
import type { Environment } from "../environment/environment";

/** What a fleet's first deploys find: where state is kept, and who deploys. */
export interface BuildBootstrapProps {
  readonly environments: readonly Environment[];
  /** Repository at GitHub whose workflows deploy, `owner/name`. @default - none does */
  readonly repository?: string;
  /** Object ids in Entra among the environments' deployers that are these workflows' own. @default - none is */
  readonly workflowObjectIds?: readonly string[];
  /** Who deploys to Google, as IAM writes them: `group:platform@example.com`. @default - those who may already */
  readonly googleDeployers?: readonly string[];
}

/**
 * Builds what has to be there before the first deploy, a stack for each cloud in use: `bootstrap-azure`,
 * `bootstrap-google`. Once for all environments, by somebody who owns the subscriptions and projects.
 */
export async function buildBootstrap(app: Construct, props: BuildBootstrapProps): Promise<void> {
  const { environments, repository, workflowObjectIds, googleDeployers } = props;
  if (environments.some(({ azure }) => azure !== undefined)) {
    const { AzureBootstrapStack } = await import("../azure/azure-bootstrap-stack");
    new AzureBootstrapStack(app, { environments, repository, workflowObjectIds });
  }
  if (environments.some(({ google }) => google !== undefined)) {
    const { GoogleBootstrapStack } = await import("../google/google-bootstrap-stack");
    new GoogleBootstrapStack(app, { environments, repository, deployers: googleDeployers });
  }
}
