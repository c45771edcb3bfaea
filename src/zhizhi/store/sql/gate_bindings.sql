-- What a permit says is what its decision said, and what a contact says is what its permit said.

-- A permit is born open, for the very contact that the decision permitted: party, point, form, purpose, debts, collector, instant.
CREATE OR REPLACE FUNCTION zhizhi_permit_is_permitted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'open' OR NEW.used_at IS NOT NULL OR NEW.released_at IS NOT NULL OR NEW.released_because IS NOT NULL THEN
        RAISE EXCEPTION 'a permit begins as open' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.not_before < NEW.minted_at OR NEW.expires_at > coalesce(NEW.must_end_by, NEW.expires_at) THEN
        RAISE EXCEPTION 'a permit lies between its decision and the end of the hours' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT EXISTS (
        SELECT 1 FROM decision d JOIN person p ON p.id = d.person_id, LATERAL (SELECT d.facts -> 'proposed' AS proposed) f
        WHERE d.person_id = NEW.person_id AND d.id = NEW.decision_id AND d.verdict = 'permit' AND d.channel = NEW.channel
          AND p.lender_id = NEW.lender_id
          AND f.proposed ->> 'channel' = NEW.channel
          AND f.proposed ->> 'party' = 'p' || NEW.party_id
          AND f.proposed ->> 'point' = 'm' || NEW.point_id
          AND f.proposed ->> 'form' = NEW.form
          AND f.proposed ->> 'purpose' = NEW.purpose
          AND (f.proposed ->> 'at')::timestamptz = NEW.minted_at
          AND d.facts -> 'collector' ->> 'id' = NEW.collector
          AND coalesce(f.proposed -> 'debts', '[]')
              = coalesce((SELECT jsonb_agg('d' || debt) FROM jsonb_array_elements_text(NEW.debts) debt), '[]')
          AND date_trunc('second', NEW.must_end_by) IS NOT DISTINCT FROM date_trunc('second', (d.body ->> 'must_end_by')::timestamptz)
    ) THEN
        RAISE EXCEPTION 'a permit needs a decision that permits' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- As gate_transitions.sql; a permit is used within its time.
CREATE OR REPLACE FUNCTION zhizhi_permit_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a permit is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (to_jsonb(NEW) - ARRAY['state', 'used_at', 'released_at', 'released_because'])
       IS DISTINCT FROM (to_jsonb(OLD) - ARRAY['state', 'used_at', 'released_at', 'released_because']) THEN
        RAISE EXCEPTION 'a permit is not altered after minting' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT ((OLD.state = 'open' AND NEW.state = 'used' AND NEW.used_at IS NOT NULL AND NEW.released_at IS NULL)
            OR (OLD.state IN ('open', 'used') AND NEW.state = 'released' AND NEW.used_at IS NOT DISTINCT FROM OLD.used_at
                AND NEW.released_because IS NOT NULL AND NEW.released_at IS NOT NULL)) THEN
        RAISE EXCEPTION 'a permit is used once: % -> %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'used' AND (NEW.used_at < NEW.not_before OR NEW.used_at >= NEW.expires_at) THEN
        RAISE EXCEPTION 'a permit is used within its time' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'released' AND (
        EXISTS (SELECT 1 FROM delivery d WHERE d.person_id = NEW.person_id AND d.permit_id = NEW.id
                   AND d.state NOT IN ('failed', 'cancelled'))
        OR EXISTS (SELECT 1 FROM contact c WHERE c.person_id = NEW.person_id AND c.permit_id = NEW.id)) THEN
        RAISE EXCEPTION 'a permit is given back only when nothing left' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- A contact happened when its permit was used, and was what the permit was for: what caps count cannot be told otherwise.
CREATE OR REPLACE FUNCTION zhizhi_contact_has_permit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.permit_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM permit p WHERE p.person_id = NEW.person_id AND p.id = NEW.permit_id AND p.state = 'used'
           AND NEW.direction = 'out' AND p.channel = NEW.channel AND p.party_id = NEW.party_id AND p.point_id = NEW.point_id
           AND p.used_at = NEW.at AND p.form = NEW.form AND p.purpose = NEW.purpose AND p.collector = NEW.collector
           AND p.debts = coalesce(NEW.debts, '[]')) THEN
        RAISE EXCEPTION 'a contact needs the permit that it used' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
