-- Decisions and all that stands or falls with each of them, of as many persons as were decided together: what
-- zhizhi_commit_decision (gate_commit.sql) wrote for one, table by table for all. A statement costs more than the row it writes,
-- so they share them. It runs with the caller's rights, and every trigger and key checks these rows as it checks any other.
DROP FUNCTION zhizhi_commit_decision;

-- `permit_id` and what belongs to it are null where nothing is permitted, `hold_id` where nobody has to look, `lease_id` where no
-- other system makes the call; whoever leases has the permit at once, used, and its delivery claimed (lease_minted_used.sql).
-- `sealed_under`: the data key under which `sealed` was closed; a person whose key is another one now, or none, has changed.
-- Documents come as text.
CREATE TYPE zhizhi_new_decision AS (
    of_person bigint, at_version bigint, decision_id bigint, at timestamptz, verdict text, channel text, rule text,
    next_permitted_at timestamptz, hold_for text, facts text, body text, run_id bigint, of_campaign bigint, by text, hold_id bigint,
    leaf_id bigint, leaf_kind text, subject uuid, leaf_body bytea, salts text,
    permit_id bigint, lender_id bigint, party_id bigint, point_id bigint, form text, purpose text, debts text, collector text,
    template_version_id bigint, content_digest text, not_before timestamptz, expires_at timestamptz, must_end_by timestamptz, origin text,
    delivery_id bigint, gateway text, sealed bytea, sealed_under bytea,
    lease_id bigint, lease_campaign_id bigint, lease_token_id bigint
);

-- Each person's version is compared and set; of one that has changed nothing is written, and it is not among the answers. Rows are
-- locked in the order of ids, so that two batches never wait for each other; who does not wait leaves out whom somebody else holds.
-- Answers the persons that still stood, each with the hold that waits for somebody: the new one, or the one that the same rule put
-- before, since one question is not put twice.
CREATE FUNCTION zhizhi_commit_decisions(given json, waits boolean)
RETURNS TABLE (person_id bigint, hold_that_waits bigint) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_column
DECLARE
    new zhizhi_new_decision[] := ARRAY(SELECT n FROM json_populate_recordset(NULL::zhizhi_new_decision, given) n);
    held bigint[];
BEGIN
    IF waits THEN
        held := ARRAY(
            SELECT p.id FROM unnest(new) n JOIN person p ON p.id = n.of_person
            WHERE p.version = n.at_version AND (n.sealed_under IS NULL OR p.data_key = n.sealed_under)
            ORDER BY p.id FOR NO KEY UPDATE OF p);
    ELSE
        held := ARRAY(
            SELECT p.id FROM unnest(new) n JOIN person p ON p.id = n.of_person
            WHERE p.version = n.at_version AND (n.sealed_under IS NULL OR p.data_key = n.sealed_under)
            ORDER BY p.id FOR NO KEY UPDATE OF p SKIP LOCKED);
    END IF;
    IF cardinality(held) < cardinality(new) THEN
        new := ARRAY(SELECT n FROM unnest(new) n WHERE n.of_person = ANY (held));
    END IF;
    UPDATE person p SET version = p.version + 1 WHERE p.id = ANY (held);
    INSERT INTO decision (person_id, id, at, verdict, channel, stage, rule, next_permitted_at, hold_for, facts, body, run_id, by)
    SELECT n.of_person, n.decision_id, n.at, n.verdict, n.channel,
           coalesce((SELECT c.stage FROM collection_case c WHERE c.person_id = n.of_person AND c.closed_on IS NULL), ''), n.rule,
           n.next_permitted_at, n.hold_for, n.facts::jsonb, n.body::jsonb, n.run_id, n.by
    FROM unnest(new) n;
    INSERT INTO permit (person_id, id, decision_id, lender_id, party_id, point_id, channel, form, purpose, debts, collector,
                        template_version_id, content_digest, minted_at, not_before, expires_at, must_end_by, origin, state, used_at)
    SELECT n.of_person, n.permit_id, n.decision_id, n.lender_id, n.party_id, n.point_id, n.channel, n.form, n.purpose, n.debts::jsonb,
           n.collector, n.template_version_id, n.content_digest, n.at, n.not_before, n.expires_at, n.must_end_by, n.origin,
           CASE WHEN n.lease_id IS NULL THEN 'open' ELSE 'used' END, CASE WHEN n.lease_id IS NOT NULL THEN n.at END
    FROM unnest(new) n WHERE n.permit_id IS NOT NULL;
    INSERT INTO delivery (person_id, id, permit_id, channel, gateway, sealed, due_at, run_id, campaign_id, state, attempts, claimed_at, claimed_by)
    SELECT n.of_person, n.delivery_id, n.permit_id, n.channel, n.gateway, n.sealed, n.not_before, n.run_id, n.of_campaign,
           CASE WHEN n.lease_id IS NULL THEN 'waiting' ELSE 'claimed' END, (n.lease_id IS NOT NULL)::integer,
           CASE WHEN n.lease_id IS NOT NULL THEN n.at END, 't' || n.lease_token_id
    FROM unnest(new) n WHERE n.permit_id IS NOT NULL;
    INSERT INTO lease (leased_at, person_id, id, permit_id, delivery_id, campaign_id, token_id, version, expires_at)
    SELECT n.at, n.of_person, n.lease_id, n.permit_id, n.delivery_id, n.lease_campaign_id, n.lease_token_id, n.at_version + 1, n.expires_at
    FROM unnest(new) n WHERE n.lease_id IS NOT NULL;
    INSERT INTO hold (person_id, id, decision_id, rule, opened_at, state)
    SELECT n.of_person, n.hold_id, n.decision_id, n.rule, n.at, 'open' FROM unnest(new) n WHERE n.hold_id IS NOT NULL
    ON CONFLICT (person_id, rule) WHERE state = 'open' DO NOTHING;
    INSERT INTO leaf (id, kind, at, subject, body, source_person_id, source_id, source_table)
    SELECT n.leaf_id, n.leaf_kind, n.at, n.subject, n.leaf_body, n.of_person, n.decision_id, 'decision' FROM unnest(new) n;
    INSERT INTO salt (person_id, id, leaf_id, salts)
    SELECT n.of_person, n.leaf_id, n.leaf_id, n.salts::jsonb FROM unnest(new) n;
    RETURN QUERY
        SELECT n.of_person, CASE WHEN n.hold_id IS NOT NULL THEN
            (SELECT h.id FROM hold h WHERE h.person_id = n.of_person AND h.rule = n.rule AND h.state = 'open') END
        FROM unnest(new) n;
END $$;
REVOKE ALL ON FUNCTION zhizhi_commit_decisions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION zhizhi_commit_decisions TO zhizhi_gate;
