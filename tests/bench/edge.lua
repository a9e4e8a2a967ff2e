-- SPDX-License-Identifier: MIT
-- For wrk: each request is the next path of a file; from the first one again
-- after the last, which is told in the end. Argument: the file.
local paths, at, threads = {}, 0, {}

function setup(thread)
    table.insert(threads, thread)
end

function init(args)
    for line in io.lines(args[1]) do
        paths[#paths + 1] = wrk.format("GET", line)
    end
    again = 0
end

function request()
    at = at + 1
    if at > #paths then
        at, again = 1, again + 1
    end
    return paths[at]
end

function done(summary, latency, requests)
    for _, thread in ipairs(threads) do
        if thread:get("again") > 0 then
            print("paths came again")
        end
    end
end
