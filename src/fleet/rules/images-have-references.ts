import { agentRule } from "../../environment/rule";

const digest = /@sha256:[0-9a-f]{64}$/;
const validTag = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;

/** What stands behind the repository is a tag or a digest, or no image is found. */
export const imagesHaveReferences = agentRule(
  "images-have-references",
  ({ image, name, definition }, { agents = {} }) => {
    const owner = agents[name]?.image === undefined ? definition : name;
    const override = agents[owner]?.image;
    if (image.includes("@") && !digest.test(image)) {
      return `'${image}' has no valid digest; write sha256: and 64 hexadecimal digits`;
    }
    if (override !== undefined && /^[0-9a-f]{64}$/.test(override)) {
      return `agents.${owner}.image '${override}' is a digest without its algorithm; write sha256:${override}`;
    }
    if (override === undefined || override.startsWith("sha256:") || validTag.test(override)) return undefined;
    return `agents.${owner}.image '${override}' is no tag or digest; leave registry and repository out of it`;
  },
);
