// Keycloak's administration API.
"use strict";

/** A request takes no longer. */
const REQUEST_SECONDS = 30;

/** What Keycloak refuses. Its texts name what was asked for, never a value of it. */
class Refusal extends Error {
  constructor(what, status, text) {
    super(`Keycloak refused ${what}: ${status}${text === "" ? "" : ` ${text}`}`);
    this.status = status;
  }
}

/** The API as a client of the master realm, with a token that is never old. Paths are below `/admin/realms`. */
function connect({ url, clientId, clientSecret }) {
  const base = url.replace(/\/$/, "");
  const signal = () => AbortSignal.timeout(REQUEST_SECONDS * 1000);
  const signIn = {
    grant_type: "client_credentials",
    client_id: clientId,
    client_secret: clientSecret,
  };
  let token = "";
  let freshUntil = 0;

  async function freshToken() {
    if (Date.now() < freshUntil) return token;
    const answer = await fetch(`${base}/realms/master/protocol/openid-connect/token`, {
      method: "POST",
      body: new URLSearchParams(signIn),
      signal: signal(),
    });
    if (!answer.ok) throw new Refusal(`the administrator's client '${clientId}'`, answer.status, "");
    const { access_token, expires_in } = await answer.json();
    token = access_token;
    freshUntil = Date.now() + (expires_in * 1000) / 2;
    return token;
  }

  return async (method, path, body) => {
    const answer = await fetch(`${base}/admin/realms${path}`, {
      method,
      headers: { authorization: `Bearer ${await freshToken()}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: signal(),
    });
    const text = await answer.text();
    // Nothing to read is an answer, and what is gone already was to go.
    if (answer.status === 404 && (method === "GET" || method === "DELETE")) return undefined;
    if (!answer.ok) throw new Refusal(`${method} /admin/realms${path}`, answer.status, text);
    return text === "" ? undefined : JSON.parse(text);
  };
}

/** A realm's name as a path. */
const pathOf = (name) => `/${encodeURIComponent(name)}`;

module.exports = { connect, pathOf, REQUEST_SECONDS, Refusal };
