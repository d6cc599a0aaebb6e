import { environmentRule, type Rule } from "../../../environment/rule";

/** Said at every synthesis of a production that goes on with it, as all exceptions are. */
export const edgeRetires: Rule = {
  ...environmentRule("edge-retires", ({ kubernetes, stage }) => {
    const edge = kubernetes?.edge;
    if (stage !== "production" || edge?.kind !== "nginx" || edge.exception === undefined) return [];
    const { reason, until } = edge.exception;
    return [
      `kubernetes.edge is nginx, whose controller gets no more fixes, until ${until} (${reason}); ` +
        "use kind 'gateway-api' by then",
    ];
  }),
  warns: () => true,
};
