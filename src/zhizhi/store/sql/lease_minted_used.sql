-- A lease is used from the second of its commit, so its permit begins as used and its delivery as claimed, instead of both being
-- written, and written again in the same transaction (docs/decisions/0037-leases.md).

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
