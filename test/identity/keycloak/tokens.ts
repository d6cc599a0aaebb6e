import { createPublicKey, type JsonWebKey, verify } from "node:crypto";

/** What a token endpoint answers. */
export interface TokenAnswer {
  readonly status: number;
  readonly error: string | undefined;
  readonly accessToken: string | undefined;
  readonly expiresIn: number | undefined;
}

/** Asks for a token by client credentials. */
export async function requestToken(
  realmUrl: string,
  client: { readonly id: string; readonly secret: string; readonly scope?: string },
): Promise<TokenAnswer> {
  const response = await fetch(`${realmUrl}/protocol/openid-connect/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "client_credentials",
      client_id: client.id,
      client_secret: client.secret,
      ...(client.scope === undefined ? {} : { scope: client.scope }),
    }),
  });
  const body = (await response.json()) as { access_token?: string; expires_in?: number; error?: string };
  return {
    status: response.status,
    error: body.error,
    accessToken: body.access_token,
    expiresIn: body.expires_in,
  };
}

/** Claims of a token whose signature one of the published keys verifies. @throws Error when none does */
export async function verifiedClaims(
  realmUrl: string,
  token: string | undefined,
): Promise<Record<string, unknown> & { readonly kid: string }> {
  const [header = "", payload = "", signature = ""] = (token ?? "").split(".");
  const { kid, alg } = JSON.parse(Buffer.from(header, "base64url").toString()) as {
    kid: string;
    alg: string;
  };
  if (alg !== "RS256") throw new Error(`the token is signed with ${alg}`);
  const key = (await publishedKeys(realmUrl)).find((candidate) => candidate.kid === kid);
  if (key === undefined) throw new Error(`the key ${kid} is not on the JWKS`);
  const signed = verify(
    "RSA-SHA256",
    Buffer.from(`${header}.${payload}`),
    createPublicKey({ key, format: "jwk" }),
    Buffer.from(signature, "base64url"),
  );
  if (!signed) throw new Error("the signature is wrong");
  return { ...JSON.parse(Buffer.from(payload, "base64url").toString()), kid };
}

type PublishedKey = JsonWebKey & { readonly kid: string; readonly use: "sig" | "enc" };

/** The JWKS of a realm. */
export async function publishedKeys(realmUrl: string): Promise<PublishedKey[]> {
  const response = await fetch(`${realmUrl}/protocol/openid-connect/certs`);
  return ((await response.json()) as { keys: PublishedKey[] }).keys;
}
