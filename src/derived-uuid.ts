import { createHash } from "node:crypto";

/** RFC 9562's namespace of names that are URLs. */
const URL_NAMESPACE = "6ba7b8119dad11d180b400c04fd430c8";

/** A UUID that is derived from a name (version 5), so that every deploy and every stack comes to the same one. */
export function derivedUuid(name: string): string {
  const hash = createHash("sha1")
    .update(Buffer.from(URL_NAMESPACE, "hex"))
    .update(name)
    .digest()
    .subarray(0, 16);
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = hash.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
