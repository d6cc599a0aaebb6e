/**
 * Lays a Mermaid flowchart out as SVG, without a browser. It loads nothing from anywhere: its font is the reader's own.
 * From top to bottom, whatever the text says: beside each other, stations and groups are wider than a page.
 */
export async function drawSvg(mermaid: string): Promise<string> {
  const { renderMermaidSVG } = await import("beautiful-mermaid");
  const svg = renderMermaidSVG(mermaid.replace(/^flowchart LR$/m, "flowchart TD"), { font: "sans-serif" });
  return `${svg.replaceAll(/@import url\([^)]*\);?/g, "").trim()}\n`;
}
