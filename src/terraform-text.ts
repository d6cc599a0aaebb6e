/**
 * Makes Terraform take a text as it stands: `${` and `%{` in it would start a template otherwise.
 * References that a construct put into the text stay references.
 */
export function terraformText(text: string): string {
  return text.replace(/([$%])\{(?!TfToken\[)/g, "$1$1{");
}

/** The same for a record, names and values: tags, a scaler's settings. */
export function terraformTexts(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [terraformText(key), terraformText(text)]),
  );
}
