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

/** Headers by which a caller could make Keycloak write addresses of the caller's choice into its answers. */
const FORWARDING_HEADERS = ["Forwarded", "X-Forwarded-Host", "X-Forwarded-Port", "X-Forwarded-Prefix"];

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
      ...FORWARDING_HEADERS.map(withoutHeader),
    ],
    backend: [forwardRequest({ timeoutSeconds: 30 })],
    outbound: [base, replaceInBody(issuer.internalUrl, issuer.publicUrl)],
    onError: [base],
  };
}
