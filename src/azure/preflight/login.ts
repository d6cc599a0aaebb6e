import { Unanswered } from "../../preflight/check";
import { AzureClient, type TokenSource } from "./azure-client";

/** Azure as whoever is logged in: CLI, workload identity, managed identity, environment. */
export async function loggedInAzure(tenantId: string): Promise<AzureClient> {
  // Loads a hundred modules: only who asks Azure pays for them.
  const { AggregateAuthenticationError, CredentialUnavailableError, DefaultAzureCredential } = await import(
    "@azure/identity"
  );
  const credential = new DefaultAzureCredential({ tenantId });
  const tokens: TokenSource = {
    getToken: async (scope) => {
      try {
        return await credential.getToken(scope);
      } catch (error) {
        const refused = [AggregateAuthenticationError, CredentialUnavailableError].some(
          (Kind) => error instanceof Kind,
        );
        const why = refused ? "nobody is logged in" : firstLine((error as Error).message);
        throw new Unanswered(`${why}; az login --tenant ${tenantId}`);
      }
    },
  };
  return new AzureClient(tokens);
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? text;
}
