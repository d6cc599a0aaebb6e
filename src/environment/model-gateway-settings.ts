import { z } from "zod";
import { httpUrl, secretName } from "../shapes";

/** A LiteLLM gateway that exists. */
export interface ModelGatewaySettings {
  /** Base URL inside the network; LiteLLM listens on 4000. */
  readonly url: string;
  /**
   * Name of the secret, in the environment's vault, that holds the agents' key.
   *
   * @default "litellm-api-key"
   */
  readonly keySecret?: string;
  /**
   * Address range it is reached at, where that is a private one: network policies know no names.
   *
   * @default - public addresses, or the pods of the namespace that the URL names
   */
  readonly cidr?: string;
}

/** Name of the secret with the key of a model gateway. */
export function modelKeySecret({ keySecret = "litellm-api-key" }: ModelGatewaySettings): string {
  return keySecret;
}

export const modelGatewaySchema = z.strictObject({
  url: httpUrl,
  keySecret: secretName.optional(),
  cidr: z.cidrv4().optional(),
}) satisfies z.ZodType<ModelGatewaySettings>;
