import { z } from "zod";

/** Text that says something. */
export const text = z.string().min(1);

export const whole = z.int();

export const uuid = z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, "is not a UUID");

/** Such a URL stands in policies of the gateway, where these characters cannot. */
export const httpsUrl = z.string().regex(/^https:\/\/[^\s<>&'"]+$/, "is not an https URL");

export const hostName = z
  .string()
  .regex(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/, "is not a host name (no scheme, no path, lower case)");

/** Names and plain values: variables, tags. */
export const texts = z.record(z.string(), z.string());

/** Lists of names by name: who may call whom. */
export const names = z.record(z.string(), z.array(text));

/** Something in a resource group that somebody else made. */
export const existingInGroup = z.strictObject({ name: text, resourceGroup: text });
