-- The gate deletes nothing but salts. Signs of life that are a day old, and those of a process that ends as it should, go
-- through the owner's hands.
REVOKE DELETE ON heartbeat FROM zhizhi_gate;
CREATE FUNCTION zhizhi_forget_heartbeats(ended text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DELETE FROM heartbeat WHERE at < clock_timestamp() - interval '1 day' OR process = ended
$$;
REVOKE ALL ON FUNCTION zhizhi_forget_heartbeats(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION zhizhi_forget_heartbeats(text) TO zhizhi_gate;
