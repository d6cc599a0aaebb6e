/** Answers to requests that don't reach the SDK, in the words of the binding that the caller speaks. */
import type { Response } from "express";
import type { Call } from "./calls.js";

/** The protocol has no code for these; the gateway in front of the fleet uses the same one. */
const JSON_RPC_CODE = -32000;
/** JSON-RPC's own, for what isn't JSON. */
const JSON_RPC_PARSE_ERROR = -32700;
const STATUS_NAMES: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  413: "INVALID_ARGUMENT",
  429: "RESOURCE_EXHAUSTED",
  503: "UNAVAILABLE",
};

/** A request that is not let through, with what to tell the caller. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** A JSON-RPC error for JSON-RPC, a google.rpc.Status for HTTP+JSON. */
export function refuse(response: Response, call: Call, refused: Refused): void {
  const { status, reason, message } = refused;
  const code = status === 400 ? JSON_RPC_PARSE_ERROR : JSON_RPC_CODE;
  const body =
    call.binding === "JSONRPC"
      ? { jsonrpc: "2.0", id: call.requestId, error: { code, message, data: { status, reason } } }
      : {
          error: {
            code: status,
            status: STATUS_NAMES[status] ?? "UNKNOWN",
            message,
            details: [
              {
                "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                reason: reason.toUpperCase(),
                domain: "a2a-fleet",
              },
            ],
          },
        };
  response.status(status).set(refused.headers).json(body);
}
