-- A decision and all that stands or falls with it, in one statement: the version of the person is compared and set, then
-- decision, permit, place in the outbox, hold, leaf and salts are written. It runs with the caller's rights, and every trigger
-- and key checks these rows as it checks any other.
--
-- `permit_id` and what follows it are null where nothing is permitted, `hold_id` where nobody has to look. `sealed_under`: the
-- data key under which `sealed` was closed; a person whose key is another one now, or none, has changed. Answers whether the
-- person still stood at `at_version` (where not, nothing is written), and the hold that waits: the new one, or the one that the
-- same rule put before.
CREATE FUNCTION zhizhi_commit_decision(
    of_person bigint, at_version bigint,
    decision_id bigint, at timestamptz, verdict text, channel text, rule text, next_permitted_at timestamptz, hold_for text,
    facts jsonb, body jsonb, run_id bigint, by text, hold_id bigint, of_campaign bigint,
    leaf_id bigint, leaf_kind text, subject uuid, leaf_body bytea, salts jsonb,
    permit_id bigint DEFAULT NULL, lender_id bigint DEFAULT NULL, party_id bigint DEFAULT NULL, point_id bigint DEFAULT NULL,
    form text DEFAULT NULL, purpose text DEFAULT NULL, debts jsonb DEFAULT NULL, collector text DEFAULT NULL,
    template_version_id bigint DEFAULT NULL, content_digest text DEFAULT NULL, not_before timestamptz DEFAULT NULL,
    expires_at timestamptz DEFAULT NULL, must_end_by timestamptz DEFAULT NULL, origin text DEFAULT NULL,
    delivery_id bigint DEFAULT NULL, gateway text DEFAULT NULL, sealed bytea DEFAULT NULL, sealed_under bytea DEFAULT NULL,
    OUT is_fresh boolean, OUT hold_that_waits bigint
) LANGUAGE plpgsql AS $$
DECLARE
    case_stage text;
BEGIN
    UPDATE person p SET version = p.version + 1
    WHERE p.id = of_person AND p.version = at_version AND (sealed_under IS NULL OR p.data_key = sealed_under);
    is_fresh := FOUND;
    IF NOT is_fresh THEN
        RETURN;
    END IF;
    SELECT c.stage INTO case_stage FROM collection_case c WHERE c.person_id = of_person AND c.closed_on IS NULL;
    INSERT INTO decision (person_id, id, at, verdict, channel, stage, rule, next_permitted_at, hold_for, facts, body, run_id, by)
    VALUES (of_person, decision_id, at, verdict, channel, coalesce(case_stage, ''), rule, next_permitted_at, hold_for, facts, body,
            run_id, by);
    IF permit_id IS NOT NULL THEN
        INSERT INTO permit (person_id, id, decision_id, lender_id, party_id, point_id, channel, form, purpose, debts, collector,
                            template_version_id, content_digest, minted_at, not_before, expires_at, must_end_by, origin, state)
        VALUES (of_person, permit_id, decision_id, lender_id, party_id, point_id, channel, form, purpose, debts, collector,
                template_version_id, content_digest, at, not_before, expires_at, must_end_by, origin, 'open');
        IF of_campaign IS NULL THEN
            INSERT INTO delivery (person_id, id, permit_id, channel, gateway, state, sealed, due_at, attempts, run_id)
            VALUES (of_person, delivery_id, permit_id, channel, gateway, 'waiting', sealed, not_before, 0, run_id);
        ELSE
            INSERT INTO delivery (person_id, id, permit_id, channel, gateway, state, sealed, due_at, attempts, run_id, campaign_id)
            VALUES (of_person, delivery_id, permit_id, channel, gateway, 'waiting', sealed, not_before, 0, run_id, of_campaign);
        END IF;
    END IF;
    IF hold_id IS NOT NULL THEN  -- one question is not put twice
        SELECT h.id INTO hold_that_waits FROM hold h WHERE h.person_id = of_person AND h.rule = zhizhi_commit_decision.rule AND h.state = 'open';
        IF NOT FOUND THEN
            INSERT INTO hold (person_id, id, decision_id, rule, opened_at, state)
            VALUES (of_person, hold_id, decision_id, rule, at, 'open');
            hold_that_waits := hold_id;
        END IF;
    END IF;
    INSERT INTO leaf (id, kind, at, subject, body, source_person_id, source_id, source_table)
    VALUES (leaf_id, leaf_kind, at, subject, leaf_body, of_person, decision_id, 'decision');
    INSERT INTO salt (person_id, id, leaf_id, salts) VALUES (of_person, leaf_id, leaf_id, salts);
END $$;
REVOKE ALL ON FUNCTION zhizhi_commit_decision FROM PUBLIC;
GRANT EXECUTE ON FUNCTION zhizhi_commit_decision TO zhizhi_gate;

-- Their plans do not depend on whom they are asked about, and making one anew at each call took longer than answering.
ALTER FUNCTION zhizhi_gate_facts(bigint[], integer) SET plan_cache_mode = force_generic_plan;
ALTER FUNCTION zhizhi_permit_within_caps() SET plan_cache_mode = force_generic_plan;
