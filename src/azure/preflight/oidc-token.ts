import { readFile } from "node:fs/promises";

/** What Entra ID takes tokens of workflows for. */
const AUDIENCE = "api://AzureADTokenExchange";

/**
 * The token with which a workflow says who it is, from where azurerm takes it: a variable, a file, or the workflow's
 * own issuer.
 *
 * @throws Error with one line when the variables lead to none.
 */
export async function oidcToken(variables: Readonly<Record<string, string | undefined>>): Promise<string> {
  const { ARM_OIDC_TOKEN: token, ARM_OIDC_TOKEN_FILE_PATH: file } = variables;
  if (token !== undefined) return token;
  if (file !== undefined) return (await readFile(file, "utf8")).trim();
  const url = variables.ARM_OIDC_REQUEST_URL ?? variables.ACTIONS_ID_TOKEN_REQUEST_URL;
  const bearer = variables.ARM_OIDC_REQUEST_TOKEN ?? variables.ACTIONS_ID_TOKEN_REQUEST_TOKEN;
  if (url === undefined || bearer === undefined) {
    throw new Error(
      "ARM_USE_OIDC is set, and nothing gives a token; let the job have `permissions: id-token: write`",
    );
  }
  const request = new URL(url);
  request.searchParams.set("audience", AUDIENCE);
  const answer = await fetch(request, { headers: { Authorization: `Bearer ${bearer}` } });
  if (!answer.ok) throw new Error(`the workflow's issuer answered ${answer.status} instead of a token`);
  const { value } = (await answer.json()) as { value?: unknown };
  if (typeof value !== "string") throw new Error("the workflow's issuer answered without a token");
  return value;
}
