-- Renews leases of a replica, none of them beyond its task's deadline.
-- KEYS: times at which leases end, leases
-- ARGV: replica, lease in ms, margin behind a deadline in ms, tasks…
-- Returns the tasks that are no longer this replica's.
local holder, lease_ms, margin_ms = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lost = {}
for i = 4, #ARGV do
  local stored = redis.call('HGET', KEYS[2], ARGV[i])
  local lease = stored and cjson.decode(stored)
  if lease and lease.holder == holder then
    redis.call('ZADD', KEYS[1], math.min(now + lease_ms, lease.deadline + margin_ms), ARGV[i])
  else
    lost[#lost + 1] = ARGV[i]
  end
end
return lost
