import { Unanswered } from "../preflight/check";
import { GoogleClient, type GoogleEndpoints, publicGoogle } from "./google-client";

/**
 * Google as Terraform is logged in to it: by application default credentials, which are a workflow's federated identity,
 * a machine's account or whoever logged in with the CLI.
 */
export async function loggedInGoogle(
  projectId: string,
  endpoints: GoogleEndpoints = publicGoogle,
): Promise<GoogleClient> {
  // Loads dozens of modules: only who asks Google pays for them.
  const { GoogleAuth } = await import("google-auth-library");
  // Without the project it would ask for one, which not everybody may.
  const auth = new GoogleAuth({ projectId, scopes: "https://www.googleapis.com/auth/cloud-platform" });
  return new GoogleClient(async () => {
    const token = await auth.getAccessToken().catch((error: Error) => {
      throw new Unanswered(
        `nobody is logged in to Google Cloud (${error.message.split("\n")[0]}); gcloud auth application-default login`,
      );
    });
    if (!token) throw new Unanswered("Google Cloud gives no token; gcloud auth application-default login");
    return token;
  }, endpoints);
}
