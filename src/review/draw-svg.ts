/** Lays a Mermaid flowchart out as SVG, without a browser. It loads nothing from anywhere: its font is the reader's own. */
export async function drawSvg(mermaid: string): Promise<string> {
  const { renderMermaidSVG } = await import("beautiful-mermaid");
  const svg = renderMermaidSVG(mermaid, { font: "sans-serif" });
  return `${svg.replaceAll(/@import url\([^)]*\);?/g, "").trim()}\n`;
}
