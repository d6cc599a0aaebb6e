import type { TokenCredential } from "@azure/identity";
import { Unanswered } from "../../preflight/check";
import { AzureClient, type TokenSource } from "./azure-client";
import { oidcToken } from "./oidc-token";

/**
 * Azure as Terraform will be logged in to it: by the `ARM_*` variables where they say how, and otherwise as whoever
 * is: CLI, workload identity, managed identity, environment.
 */
export async function loggedInAzure(tenantId: string): Promise<AzureClient> {
  // Loads a hundred modules: only who asks Azure pays for them.
  const { AggregateAuthenticationError, CredentialUnavailableError, ...identity } = await import(
    "@azure/identity"
  );
  const credential = credentialOf(identity, tenantId, process.env);
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

type Credentials = Pick<
  typeof import("@azure/identity"),
  "ClientAssertionCredential" | "ClientSecretCredential" | "DefaultAzureCredential"
>;

/** @see https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/guides/service_principal_oidc */
export function credentialOf(
  { ClientAssertionCredential, ClientSecretCredential, DefaultAzureCredential }: Credentials,
  tenantId: string,
  variables: Readonly<Record<string, string | undefined>>,
): TokenCredential {
  const { ARM_CLIENT_ID: clientId, ARM_CLIENT_SECRET: secret, ARM_USE_OIDC: useOidc } = variables;
  if (clientId !== undefined && useOidc === "true") {
    return new ClientAssertionCredential(tenantId, clientId, () => oidcToken(variables));
  }
  if (clientId !== undefined && secret !== undefined) {
    return new ClientSecretCredential(tenantId, clientId, secret);
  }
  return new DefaultAzureCredential({ tenantId });
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? text;
}
