-- Gives a replica the tasks whose leases have ended.
-- KEYS: times at which leases end, leases
-- ARGV: replica, lease in ms, most tasks to take
-- Returns task and lease by turns.
local holder, lease_ms, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local taken = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, most)) do
  local stored = redis.call('HGET', KEYS[2], id)
  if stored then
    local lease = cjson.decode(stored)
    lease.holder = holder
    lease.runs = lease.runs + 1
    stored = cjson.encode(lease)
    redis.call('HSET', KEYS[2], id, stored)
    redis.call('ZADD', KEYS[1], now + lease_ms, id)
    taken[#taken + 1] = id
    taken[#taken + 1] = stored
  else
    redis.call('ZREM', KEYS[1], id)
  end
end
return taken
