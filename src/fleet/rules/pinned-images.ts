import { agentRule } from "../../environment/rule";

const digest = /@sha256:[0-9a-f]{64}$/;
// What follows the repository; a colon before it can be the registry's port.
const tag = /:(?<tag>[^/]*)$/;
const validTag = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/** A tag can be moved: what was tested is then not what runs. */
export const pinnedImages = agentRule("pinned-images", ({ image, definition }, environment) => {
  const override = environment.agents?.[definition]?.image;
  if (image.includes("@") && !digest.test(image)) {
    return `'${image}' has no valid digest; a digest is sha256: and 64 hexadecimal digits`;
  }
  if (override !== undefined && !override.startsWith("sha256:") && !validTag.test(override)) {
    return `agents.${definition}.image '${override}' is no tag or digest; leave registry and repository out of it`;
  }
  if (tag.exec(image)?.groups?.tag === "latest") {
    return `'${image}' is unpinned: 'latest' is a different image tomorrow; set agents.${definition}.image to a version or digest`;
  }
  if (environment.stage !== "production" || digest.test(image)) return undefined;
  return (
    `'${image}' is unpinned, and environment '${environment.name}' is production: a tag can be moved; ` +
    `set agents.${definition}.image to the digest that staging ran (sha256:…)`
  );
});
