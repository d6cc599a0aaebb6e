import { Document, isCollection, isScalar, visit } from "yaml";

const WIDTH = 110;

/** Anything, as YAML that is short enough to be reviewed: what fits into a line stands in one. */
export function asYaml(value: object): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Node: (_key, node, path) => {
      if (isCollection(node) && path.length > 2 && fits(node.toJSON(), path.length)) node.flow = true;
      if (isScalar(node) && typeof node.value === "string" && node.value.includes("\n")) {
        node.type = "BLOCK_LITERAL";
      }
    },
  });
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function fits(value: unknown, depth: number): boolean {
  const text = JSON.stringify(value);
  // Without the quotes it will be shorter.
  return text.length < 1.15 * (WIDTH - depth) && !text.includes("\\n");
}
