import type { Environment } from "../environment/environment";

/** Who issues the tokens that GitHub's workflows log in with. */
export const GITHUB_ISSUER = "https://token.actions.githubusercontent.com";

/** Somebody that a workflow is in a cloud: it may plan an environment, or deploy it. */
export interface WorkflowIdentity {
  /** Environment of the repository at GitHub whose jobs it is for: `staging-plan`, `staging`. */
  readonly name: string;
  /** Environment of the fleet. */
  readonly environment: string;
  readonly may: "plan" | "deploy";
  /** `sub` of the tokens of those jobs. */
  readonly subject: string;
}

/**
 * Who the workflows of a repository are in an environment: one reads, in pull requests and before an approval, and one
 * deploys. Development has none: people deploy it.
 *
 * @param repository `owner/name` at GitHub
 * @see https://docs.github.com/actions/concepts/security/openid-connect
 */
export function workflowIdentities({ name, stage }: Environment, repository: string): WorkflowIdentity[] {
  if (stage === "development") return [];
  const subject = (environment: string) => `repo:${repository}:environment:${environment}`;
  return [
    { name: `${name}-plan`, environment: name, may: "plan", subject: subject(`${name}-plan`) },
    { name, environment: name, may: "deploy", subject: subject(name) },
  ];
}
