-- Gives a task to a replica, unless another one works on it.
-- KEYS: times at which leases end, leases
-- ARGV: task, owner, replica, lease in ms, deadline in ms from now
-- Returns the lease, or false.
local id, owner, holder, lease_ms, timeout_ms = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local ends = redis.call('ZSCORE', KEYS[1], id)
if ends and tonumber(ends) > now then return false end

local lease = cjson.encode({ owner = owner, holder = holder, started = now, deadline = now + timeout_ms, runs = 1 })
redis.call('HSET', KEYS[2], id, lease)
redis.call('ZADD', KEYS[1], math.min(now + lease_ms, now + timeout_ms), id)
return lease
