import { issuerTraits } from "../../choices/issuers";
import { platformTraits } from "../../choices/platforms";
import { agentRule } from "../../environment/rule";
import { listOf } from "../../problem";

/** An issuer of one cloud gives its roles to that cloud's identities: an agent of another would get no tokens. */
export const callersHaveClients = agentRule("callers-have-clients", ({ platform, peers }, environment) => {
  const { identityProvider } = environment;
  if (identityProvider === undefined || peers.length === 0) return undefined;
  const { clientsOf } = issuerTraits(identityProvider);
  const { cloud, title } = platformTraits(platform);
  const own = cloud(environment);
  if (clientsOf === null || own === null || own === clientsOf) return undefined;
  const names = listOf(peers.map(({ name }) => name));
  return (
    `it runs on ${title} and calls ${names}, and identityProvider '${identityProvider.kind}' gives it no client to ask ` +
    `for tokens with; use kind 'keycloak', run the agent on ${clientsOf.title}, or take its calls away`
  );
});
