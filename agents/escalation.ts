import type { AgentDefinition } from "a2a-fleet";
import { referenceImages } from "./reference-images";

export const escalation: AgentDefinition = {
  name: "escalation",
  title: "Escalation Drafting",
  description: "Drafts the message that takes a problem to the people who can solve it",
  version: "1.0.0",
  port: 8001,
  attested: { ...referenceImages, version: "1.0.0" },
  skills: [
    {
      id: "draft-escalation",
      name: "Draft escalation",
      description: "Writes an escalation from the facts of a case, for the audience that is named",
      tags: ["escalation", "writing"],
    },
  ],
};
