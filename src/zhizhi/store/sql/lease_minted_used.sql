-- A lease is used from the second of its commit, so its permit begins as used and its delivery as claimed, instead of both being
-- written, and written again in the same transaction (docs/decisions/0037-leases.md).
DROP FUNCTION zhizhi_write_leases;
ALTER TYPE zhizhi_new_decision ADD ATTRIBUTE lease_id bigint, ADD ATTRIBUTE lease_campaign_id bigint, ADD ATTRIBUTE lease_token_id bigint;

-- As gate_commit_many.sql; a decision with `lease_id` permits, and whom it permits has it at once.
CREATE OR REPLACE FUNCTION zhizhi_commit_decisions(given json, waits boolean)
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

-- As gate_lean_triggers.sql, but for how a permit begins.
CREATE OR REPLACE FUNCTION zhizhi_permit_is_permitted() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    decided record;
    debts_of_permit jsonb := '[]';
BEGIN
    IF (NEW.state = 'open' AND NEW.used_at IS NULL OR NEW.state = 'used' AND NEW.used_at = NEW.minted_at) IS NOT TRUE
       OR NEW.released_at IS NOT NULL OR NEW.released_because IS NOT NULL THEN
        RAISE EXCEPTION 'a permit begins as open, or as used at the instant of its decision' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.not_before < NEW.minted_at OR NEW.expires_at > coalesce(NEW.must_end_by, NEW.expires_at) THEN
        RAISE EXCEPTION 'a permit lies between its decision and the end of the hours' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.debts <> '[]' THEN
        SELECT coalesce(jsonb_agg('d' || debt), '[]') INTO debts_of_permit FROM jsonb_array_elements_text(NEW.debts) debt;
    END IF;
    SELECT d.facts -> 'proposed' AS proposed, d.facts -> 'collector' ->> 'id' AS collector,
           (d.body ->> 'must_end_by')::timestamptz AS must_end_by
    INTO decided
    FROM decision d JOIN person p ON p.id = d.person_id
    WHERE d.person_id = NEW.person_id AND d.id = NEW.decision_id AND d.verdict = 'permit' AND d.channel = NEW.channel
      AND p.lender_id = NEW.lender_id;
    IF NOT FOUND OR (
        decided.proposed ->> 'channel' = NEW.channel
        AND decided.proposed ->> 'party' = 'p' || NEW.party_id
        AND decided.proposed ->> 'point' = 'm' || NEW.point_id
        AND decided.proposed ->> 'form' = NEW.form
        AND decided.proposed ->> 'purpose' = NEW.purpose
        AND (decided.proposed ->> 'at')::timestamptz = NEW.minted_at
        AND decided.collector = NEW.collector
        AND coalesce(decided.proposed -> 'debts', '[]') = debts_of_permit
        AND date_trunc('second', NEW.must_end_by) IS NOT DISTINCT FROM date_trunc('second', decided.must_end_by)
    ) IS NOT TRUE THEN
        RAISE EXCEPTION 'a permit needs a decision that permits' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- As gate_triggers.sql. A delivery begins as claimed only beside its permit, in the transaction that mints it: the age of a row is
-- nought only there, so nothing can have been written about the person in between.
CREATE OR REPLACE FUNCTION zhizhi_delivery_has_permit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state = 'claimed' AND NEW.campaign_id IS NULL AND EXISTS (
            SELECT 1 FROM permit p WHERE p.person_id = NEW.person_id AND p.id = NEW.permit_id
               AND age(p.xmin) = 0 AND p.used_at = p.minted_at AND p.used_at = NEW.claimed_at) THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION 'a delivery begins as waiting, or as claimed beside the permit that is minted as used'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state IN ('claimed', 'delivered', 'unknown') AND NOT EXISTS (
        SELECT 1 FROM permit p WHERE p.person_id = NEW.person_id AND p.id = NEW.permit_id AND p.state = 'used') THEN
        RAISE EXCEPTION 'a delivery needs a permit in use' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
