-- Writes a task if nobody wrote it since it was read, together with the event that led to it.
-- KEYS: task, its events, the owner's list of tasks
-- ARGV: id, owner, version it was read at (0: it is new), state, context, status, rest of the task, event or "",
--       seconds to keep it, channel to tell other replicas on
-- Returns the new version, or -1 if the write came too late.
local terminal = {
  TASK_STATE_COMPLETED = true, TASK_STATE_FAILED = true, TASK_STATE_CANCELED = true, TASK_STATE_REJECTED = true,
}
local id, owner, read_at, state, context = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local status, rest, event, ttl, channel = ARGV[6], ARGV[7], ARGV[8], tonumber(ARGV[9]), ARGV[10]

local stored = redis.call('HMGET', KEYS[1], 'version', 'owner', 'state')
local version = tonumber(stored[1] or '0')
if stored[2] and stored[2] ~= owner then return -1 end
-- However a task ended, that stays, whoever else meant to end it at the same moment.
if stored[3] and terminal[stored[3]] then return -1 end

if state == 'TASK_STATE_CANCELED' and version > 0 and version ~= read_at then
  -- Whoever cancels need not know the latest version, and must not undo what the worker wrote meanwhile.
  rest = nil
elseif version ~= read_at then
  return -1
end

version = version + 1
redis.call('HSET', KEYS[1], 'version', version, 'owner', owner, 'state', state, 'contextId', context, 'status', status)
if rest then redis.call('HSET', KEYS[1], 'task', rest) end
redis.call('EXPIRE', KEYS[1], ttl)
if event ~= '' then
  redis.call('XADD', KEYS[2], version .. '-0', 'event', event)
  redis.call('EXPIRE', KEYS[2], ttl)
end

local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[3], now, id)
redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - ttl * 1000)
redis.call('EXPIRE', KEYS[3], ttl)
redis.call('PUBLISH', channel, cjson.encode({ taskId = id, version = version }))
return version
