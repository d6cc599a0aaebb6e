/** Header that tells an agent which host its caller asked, and so which of its cards that caller can use. */
export const FORWARDED_HOST = "X-Forwarded-Host";

/**
 * Headers by which a proxy says who asked for what, besides the host, the scheme and the address. Whatever stands in
 * front of an agent drops a caller's: only its own would be true.
 */
export const CLAIMED_FORWARDING = [
  "Forwarded",
  "X-Forwarded-Port",
  "X-Forwarded-Prefix",
  "X-Forwarded-Server",
  "X-Original-Host",
  "X-Original-URL",
  "X-Rewrite-URL",
  "X-Real-IP",
  "X-Client-IP",
  "True-Client-IP",
];

/**
 * All by which a caller could make what stands behind a front write addresses of the caller's choice into its answers:
 * what knows its own address takes none of them.
 */
export const ADDRESS_CLAIMS: readonly string[] = [FORWARDED_HOST, ...CLAIMED_FORWARDING];
