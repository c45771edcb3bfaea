-- Questions that the caps' trigger puts, in plpgsql: its plans are kept for the session, where a function in SQL with a question
-- of its own is planned at each call.

-- As gate_caps.sql. Whether every debt that a contact is about (none named: all) is not due yet: then it reminds and does not
-- collect.
CREATE OR REPLACE FUNCTION zhizhi_only_reminds(of_person bigint, purpose text, about jsonb) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF purpose IS DISTINCT FROM 'remind' THEN
        RETURN false;
    END IF;
    RETURN NOT EXISTS (
        SELECT 1 FROM debt d WHERE d.person_id = of_person AND d.state <> 'not_due' AND (about = '[]' OR about @> to_jsonb(d.id)));
END $$;

-- As house_packs.sql. Whether a decision names the house pack that stands for its lender; true where none does.
CREATE OR REPLACE FUNCTION zhizhi_names_house(of_lender bigint, of_person bigint, of_decision bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN NOT EXISTS (
        SELECT 1 FROM house_activation h WHERE h.lender_id = of_lender AND h.ended_at IS NULL AND NOT EXISTS (
            SELECT 1 FROM decision d WHERE d.person_id = of_person AND d.id = of_decision
               AND d.body -> 'packs' @> jsonb_build_array(jsonb_build_object('sha256', h.sha256))));
END $$;
