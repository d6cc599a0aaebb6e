import { environmentRule } from "../../environment/rule";

/** Browsers compare an origin letter by letter: with a path or a slash at its end nothing ever matches. */
export const corsOriginsAreOrigins = environmentRule(
  "cors-origins-are-origins",
  ({ corsOrigins = [], stage }) =>
    corsOrigins.flatMap((origin) => {
      if (origin === "*") {
        return stage === "production"
          ? ["corsOrigins holds '*' in production: any web page could call the agents; name the origins"]
          : [];
      }
      if (!/^https?:\/\/[a-z0-9.-]+(?::\d+)?$/.test(origin)) {
        return [
          `corsOrigins holds '${origin}', which is no origin; write scheme, host and port only: https://app.example.com`,
        ];
      }
      return stage === "production" && origin.startsWith("http:")
        ? [`corsOrigins holds '${origin}' in production: its pages can be forged on the way; use https`]
        : [];
    }),
);
