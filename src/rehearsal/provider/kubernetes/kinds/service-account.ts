import type { KindRules } from "../kind-rules";
import { judgeMetadata } from "./metadata";

export const serviceAccount: KindRules = {
  kinds: ["v1/ServiceAccount"],
  judge: ({ object }) => judgeMetadata(object.at("metadata"), true),
};
