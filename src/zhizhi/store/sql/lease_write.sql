-- Permits that were minted in this transaction are used, handed out to the system that asked, and what its requests are answered is
-- kept: each permit is used before its delivery is claimed by its token, as the delivery's trigger asks, and leased after both.
-- Answers how many were leased.
--
-- Each row is looked up by its key: a plan that was kept since the tables were small read all of a table for each request. The limit
-- says to the planner that they are few.
CREATE FUNCTION zhizhi_write_leases(new json, answers json, at timestamptz) RETURNS bigint
LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan SET enable_mergejoin = off SET enable_hashjoin = off AS $$
#variable_conflict use_variable
DECLARE
    leased bigint;
BEGIN
    WITH n AS (
        SELECT * FROM json_to_recordset(new) AS n (person_id bigint, id bigint, permit_id bigint, delivery_id bigint,
            campaign_id bigint, token_id bigint, version bigint, expires_at timestamptz)
        LIMIT json_array_length(new)
    ), used AS (
        UPDATE permit m SET state = 'used', used_at = at FROM n
        WHERE m.person_id = n.person_id AND m.id = n.permit_id AND m.state = 'open' RETURNING n.*
    ), taken AS (
        UPDATE delivery d SET state = 'claimed', claimed_at = at, claimed_by = 't' || u.token_id, attempts = 1 FROM used u
        WHERE d.person_id = u.person_id AND d.id = u.delivery_id AND d.state = 'waiting' RETURNING u.*
    ), handed AS (
        INSERT INTO lease (leased_at, person_id, id, permit_id, delivery_id, campaign_id, token_id, version, expires_at)
        SELECT at, t.* FROM taken t RETURNING 1
    )
    SELECT count(*) INTO leased FROM handed;
    INSERT INTO kept_answer (at, token_id, key, request_sha256, sealed)
    SELECT at, k.token_id, k.key, decode(k.request_sha256, 'hex'), decode(k.sealed, 'hex')
    FROM json_to_recordset(answers) AS k (token_id bigint, key text, request_sha256 text, sealed text);
    RETURN leased;
END $$;
REVOKE ALL ON FUNCTION zhizhi_write_leases FROM PUBLIC;
GRANT EXECUTE ON FUNCTION zhizhi_write_leases TO zhizhi_gate;
