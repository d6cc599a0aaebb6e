import { ADDRESS_CLAIMS } from "../agent/forwarding-headers";
import { base, type Policy } from "./policy";
import {
  ADDRESS_KEY,
  forwardRequest,
  limitRate,
  replaceInBody,
  sendTo,
  withoutHeader,
} from "./policy-elements";

/** Requests for tokens and keys from one address in a minute. */
const CALLS_PER_MINUTE = 120;

/**
 * The public paths of an issuer. Keycloak answers with addresses of the inside to the gateway, which is on the inside;
 * callers get the public ones.
 */
export function issuerApiPolicy(props: {
  readonly backend: string;
  readonly issuer: { readonly publicUrl: string; readonly internalUrl: string };
}): Policy {
  const { backend, issuer } = props;
  return {
    inbound: [
      base,
      limitRate({ calls: CALLS_PER_MINUTE, periodSeconds: 60, key: ADDRESS_KEY }),
      sendTo(backend),
      ...ADDRESS_CLAIMS.map(withoutHeader),
    ],
    backend: [forwardRequest({ timeoutSeconds: 30 })],
    outbound: [base, replaceInBody(issuer.internalUrl, issuer.publicUrl)],
    onError: [base],
  };
}
