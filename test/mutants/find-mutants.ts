import { Node, Project, type SourceFile, SyntaxKind } from "ts-morph";

/** A source text that is changed in one place. */
export interface Mutant {
  /** Path from the project's root. */
  readonly file: string;
  readonly line: number;
  /** The whole line that it begins in, without the blanks around it. */
  readonly inLine: string;
  /** What stood there, in one line. */
  readonly before: string;
  /** What stands there now; empty where it is gone. */
  readonly after: string;
  /** The whole file with the change. */
  readonly source: string;
}

interface Change {
  readonly node: Node;
  readonly after: string;
  /** Where what is taken out ends, with the comma behind it. @default - the node's own end */
  readonly end?: number;
}

const OPPOSITES: Readonly<Record<string, string>> = {
  "===": "!==",
  "!==": "===",
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "&&": "||",
  "||": "&&",
  "-": "+",
  "*": "/",
  "/": "*",
};

/**
 * Every change of one number, switch, text, condition or entry of a TypeScript file, one by one. Types, imports and the
 * words of exceptions are left alone: nothing runs them, or nobody's decision hangs on them.
 */
export function findMutants(file: string, text: string): Mutant[] {
  const source = new Project({ useInMemoryFileSystem: true, skipLoadingLibFiles: true }).createSourceFile(
    "mutated.ts",
    text,
  );
  const lines = text.split("\n");
  return changesIn(source).map(({ node, after, end = node.getEnd() }) => ({
    file,
    line: node.getStartLineNumber(),
    inLine: (lines[node.getStartLineNumber() - 1] ?? "").trim(),
    before: oneLine(text.slice(node.getStart(), end)),
    after: oneLine(after),
    source: text.slice(0, node.getStart()) + after + text.slice(end),
  }));
}

function changesIn(source: SourceFile): Change[] {
  const changes: Change[] = [];
  const visit = (node: Node): void => {
    if (Node.isTypeNode(node) || Node.isImportDeclaration(node) || Node.isExportDeclaration(node)) return;
    if (Node.isInterfaceDeclaration(node) || Node.isTypeAliasDeclaration(node)) return;
    if (Node.isThrowStatement(node)) return;
    changes.push(...changesOf(node));
    node.forEachChild(visit);
  };
  visit(source);
  return changes;
}

function changesOf(node: Node): Change[] {
  if (Node.isNumericLiteral(node)) return [{ node, after: String(node.getLiteralValue() + 1) }];
  if (node.getKind() === SyntaxKind.TrueKeyword) return [{ node, after: "false" }];
  if (node.getKind() === SyntaxKind.FalseKeyword) return [{ node, after: "true" }];
  if (
    Node.isStringLiteral(node) ||
    Node.isNoSubstitutionTemplateLiteral(node) ||
    Node.isTemplateExpression(node)
  ) {
    return textChanges(node);
  }
  if (Node.isConditionalExpression(node)) {
    return [node.getWhenTrue(), node.getWhenFalse()].map((taken) => ({
      node,
      after: `(${taken.getText()})`,
    }));
  }
  if (Node.isIfStatement(node)) {
    const condition = node.getExpression();
    return [{ node: condition, after: `!(${condition.getText()})` }];
  }
  if (Node.isBinaryExpression(node)) return operatorChanges(node);
  if (Node.isPropertyAssignment(node) || Node.isShorthandPropertyAssignment(node)) return [gone(node)];
  if (Node.isSpreadAssignment(node) || Node.isSpreadElement(node)) return [gone(node)];
  if (Node.isExpression(node) && Node.isArrayLiteralExpression(node.getParent())) return [gone(node)];
  if (Node.isCallExpression(node)) return callChanges(node);
  if (Node.isRegularExpressionLiteral(node)) {
    const pattern = node.getText();
    return [pattern.replace(/^\/\^/, "/"), pattern.replace(/\$(?=\/[a-z]*$)/, "")]
      .filter((after) => after !== pattern && !after.startsWith("//"))
      .map((after) => ({ node, after }));
  }
  return [];
}

/** Names of properties and of what is compared are no texts: a change of them is another mutant. */
function textChanges(node: Node): Change[] {
  const parent = node.getParent();
  if (Node.isPropertyAssignment(parent) && parent.getNameNode() === node) return [];
  if (Node.isLiteralTypeNode(parent) || Node.isComputedPropertyName(parent) || Node.isCaseClause(parent))
    return [];
  if (Node.isBinaryExpression(parent) && /^[!=]==$/.test(parent.getOperatorToken().getText())) return [];
  return node.getText().length === 2 ? [] : [{ node, after: '""' }];
}

function operatorChanges(node: Node & { getText(): string }): Change[] {
  if (!Node.isBinaryExpression(node)) return [];
  const operator = node.getOperatorToken().getText();
  const [left, right] = [node.getLeft(), node.getRight()];
  if (operator === "??") return [{ node, after: `(${right.getText()})` }];
  const opposite = operator === "+" && ![left, right].some(isText) ? "-" : OPPOSITES[operator];
  return opposite === undefined
    ? []
    : [{ node, after: `(${left.getText()} ${opposite} ${right.getText()})` }];
}

function isText(node: Node): boolean {
  if (Node.isBinaryExpression(node)) return isText(node.getLeft()) || isText(node.getRight());
  return (
    Node.isStringLiteral(node) ||
    Node.isTemplateExpression(node) ||
    Node.isNoSubstitutionTemplateLiteral(node)
  );
}

/** Calls that say which, how many or the most of something. */
const INSTEAD: Readonly<Record<string, string>> = { every: "some", some: "every", max: "min", min: "max" };

function callChanges(node: Node): Change[] {
  if (!Node.isCallExpression(node)) return [];
  const called = node.getExpression();
  if (!Node.isPropertyAccessExpression(called)) return [];
  const [name, subject] = [called.getName(), called.getExpression().getText()];
  if (name === "filter") return [{ node, after: subject }];
  const other = INSTEAD[name];
  return other === undefined ? [] : [{ node: called, after: `${subject}.${other}` }];
}

function gone(node: Node): Change {
  const comma = node.getNextSiblingIfKind(SyntaxKind.CommaToken);
  return { node, after: "", end: comma?.getEnd() ?? node.getEnd() };
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > 90 ? `${line.slice(0, 89)}…` : line;
}
