/** What a user who reads these refusals would miss: who it is about, what to do; or would see and shouldn't. */
export function findRefusalFaults(messages: readonly string[]): string[] {
  return messages.flatMap((message) => [
    ...(/^(?:agents?|environments?) (?:'[^\n]|number \d)/.test(message) ? [] : [`says not who: ${message}`]),
    ...(/[;,:] (?:[\w'"-]+ )*?(?:add|change|check|choose|correct|decide|disable|drop|give|it is of type|leave|list|lower|make|move|name|narrow|put|raise|register|remove|rename|run|scale|set|share|shorten|spread|stay|take|turn|use|write)\b/.test(
      message,
    )
      ? []
      : [`says not what to do: ${message}`]),
    ...(/Invalid input|expected (?:string|number|array|object)|Too (?:small|big)|undefined|\[object/.test(
      message,
    )
      ? [`is not ours: ${message}`]
      : []),
    ...(/:\/\/[^/\s:@'"]*:[^/\s@'"]+@/.test(message) ? [`repeats a password: ${message}`] : []),
  ]);
}
