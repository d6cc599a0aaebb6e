import type { AgentDefinition } from "a2a-fleet";
import { referenceImages } from "./reference-images";

export const anomaly: AgentDefinition = {
  name: "anomaly",
  title: "Anomaly Detection",
  description: "Finds what is out of the ordinary in a series of figures",
  version: "1.0.0",
  port: 8001,
  attested: { ...referenceImages, version: "1.0.0" },
  skills: [
    {
      id: "detect-anomalies",
      name: "Detect anomalies",
      description: "Marks the values of a series that do not fit the rest, and says why",
      tags: ["anomaly", "time-series"],
    },
  ],
};
