/**
 * Makes Terraform take a text as it stands: `${` and `%{` in it would start a template otherwise.
 * References that a construct put into the text stay references.
 */
export function terraformText(text: string): string {
  return text.replace(/([$%])\{(?!TfToken\[)/g, "$1$1{");
}
