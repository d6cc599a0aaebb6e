import { agentRule } from "../rule";

/** A tag can be moved: what was tested is then not what runs. */
export const pinnedImages = agentRule("pinned-images", ({ image, definition }, environment) => {
  const digest = /@sha256:[0-9a-f]{64}$/;
  if (image.includes("@") && !digest.test(image)) {
    return `'${image}' has no valid digest; a digest is sha256: and 64 hexadecimal digits`;
  }
  if (image.endsWith(":latest")) {
    return `'${image}' is unpinned: 'latest' is a different image tomorrow; set agents.${definition}.image to a version or digest`;
  }
  if (environment.stage !== "production" || digest.test(image)) return undefined;
  return (
    `'${image}' is unpinned, and environment '${environment.name}' is production: a tag can be moved; ` +
    `set agents.${definition}.image to the digest that staging ran (sha256:…)`
  );
});
