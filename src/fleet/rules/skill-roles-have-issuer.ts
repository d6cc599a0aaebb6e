import { agentRule, excusable } from "../../environment/rule";

/** A role that nobody signs for protects nothing. Experiments may do without. */
export const skillRolesHaveIssuer = excusable(
  agentRule("skill-roles-have-issuer", ({ skills, tokenIssuer }, environment) => {
    const guarded = skills.find(({ requiredRole }) => requiredRole !== undefined);
    if (guarded === undefined || tokenIssuer !== null || environment.stage === "development")
      return undefined;
    return (
      `its skill '${guarded.id}' asks for the role '${guarded.requiredRole}', and environment '${environment.name}' has no ` +
      "identity provider that could give it to anybody; set identityProvider, or remove requiredRole"
    );
  }),
);
