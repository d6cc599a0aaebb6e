/**
 * What the user of one agent may do in a Redis that others use as well: everything with its own keys and its own
 * channel, nothing with others', and nothing that concerns the whole server. What lists keys or channels asks for no
 * pattern, and would name everybody's.
 *
 * @param keyspace the agent's own, as its prefixes have it in braces
 * @see https://redis.io/docs/latest/operate/oss_and_stack/management/security/acl/
 */
export function redisUserRules(keyspace: string): readonly string[] {
  return [
    `~a2a:*:{${keyspace}}*`,
    `&a2a:events:{${keyspace}}*`,
    "+@all",
    "-@admin",
    "-@dangerous",
    "-scan",
    "-randomkey",
    "-dbsize",
    "-pubsub",
    "-function",
    "-script|flush",
    "-script|kill",
  ];
}
