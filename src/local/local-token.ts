import type { AgentWorkload } from "../agent/agent-workload";
import { FleetError } from "../problem";
import { CONSOLE } from "./local-clients";
import { clientSecretName } from "./local-variables";

/**
 * A token for an agent, from the issuer that runs with the fleet on this machine.
 *
 * @throws FleetError when nobody answers, or the issuer refuses.
 */
export async function localToken(
  { route, tokenIssuer }: AgentWorkload,
  client: string,
  secretOf: (name: string) => string,
): Promise<string> {
  const refused = (why: string) =>
    new FleetError("there is no token", [{ rule: "issuer-answers", message: why }]);
  const url = tokenIssuer?.tokenUrl;
  if (typeof url !== "string")
    throw refused("the environment has no issuer of tokens; set identityProvider in it");
  const form = {
    grant_type: "client_credentials",
    client_id: client,
    client_secret: secretOf(clientSecretName(client)),
    scope: route.scope,
  };
  const answer = await fetch(url, { method: "POST", body: new URLSearchParams(form) }).catch(() => {
    throw refused(
      `nobody answers at ${url}; start the fleet with 'npm run local', and give this command the same --port`,
    );
  });
  const body = (await answer.json().catch(() => ({}))) as { access_token?: string; error?: string };
  if (body.access_token !== undefined) return body.access_token;
  throw refused(`the issuer at ${url} gives the client '${client}' none: ${body.error ?? answer.status}`);
}

/** Has the issuer of this machine sign with a new key from now on. @returns whether it is one that can be asked to */
export async function turnLocalKey(
  { tokenIssuer }: AgentWorkload,
  secretOf: (name: string) => string,
): Promise<boolean> {
  if (tokenIssuer === null) return false;
  const form = { client_id: CONSOLE, client_secret: secretOf(clientSecretName(CONSOLE)) };
  const answer = await fetch(tokenIssuer.jwksUrl, { method: "POST", body: new URLSearchParams(form) }).catch(
    () => undefined,
  );
  await answer?.body?.cancel();
  return answer?.ok ?? false;
}
