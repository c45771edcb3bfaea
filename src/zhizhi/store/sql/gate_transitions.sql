-- Second layer of guards: a permit comes back only when nothing left, a delivery moves only forwards, what happened stays.

-- A permit is never altered after minting; it is given back only while no delivery of it may have left.
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
    IF NEW.state = 'released' AND (
        EXISTS (SELECT 1 FROM delivery d WHERE d.person_id = NEW.person_id AND d.permit_id = NEW.id
                   AND d.state NOT IN ('failed', 'cancelled'))
        OR EXISTS (SELECT 1 FROM contact c WHERE c.person_id = NEW.person_id AND c.permit_id = NEW.id)) THEN
        RAISE EXCEPTION 'a permit is given back only when nothing left' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- waiting -> claimed | cancelled; claimed -> delivered | failed | unknown; unknown -> delivered | failed; never anything else.
CREATE FUNCTION zhizhi_delivery_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a delivery is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.person_id, OLD.id, OLD.permit_id, OLD.channel, OLD.gateway, OLD.due_at, OLD.run_id, OLD.sealed)
       IS DISTINCT FROM (NEW.person_id, NEW.id, NEW.permit_id, NEW.channel, NEW.gateway, NEW.due_at, NEW.run_id, NEW.sealed) THEN
        RAISE EXCEPTION 'a delivery is not altered' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT ((OLD.state, NEW.state) IN (('waiting', 'claimed'), ('waiting', 'cancelled'), ('claimed', 'delivered'),
            ('claimed', 'failed'), ('claimed', 'unknown'), ('unknown', 'delivered'), ('unknown', 'failed'))) THEN
        RAISE EXCEPTION 'a delivery moves only forwards: % -> %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER delivery_moves_on BEFORE UPDATE OR DELETE ON delivery FOR EACH ROW EXECUTE FUNCTION zhizhi_delivery_moves_on();

-- Of a contact of ours only the outcome may become better known; imported history is corrected by its import.
CREATE FUNCTION zhizhi_contact_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a contact is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.permit_id IS NOT NULL AND ((to_jsonb(NEW) - 'outcome') IS DISTINCT FROM (to_jsonb(OLD) - 'outcome')
                                      OR (OLD.outcome IS NOT NULL AND NEW.outcome IS NULL)) THEN
        RAISE EXCEPTION 'what happened is not altered' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER contact_stands BEFORE UPDATE OR DELETE ON contact FOR EACH ROW EXECUTE FUNCTION zhizhi_contact_stands();

-- A hold is ruled on once; a wish is decided once.
CREATE FUNCTION zhizhi_ruled_once() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR (TG_TABLE_NAME = 'hold' AND to_jsonb(OLD) ->> 'state' <> 'open')
       OR (TG_TABLE_NAME = 'wish' AND to_jsonb(OLD) ->> 'result' <> 'planned') THEN
        RAISE EXCEPTION 'a row of % is settled once', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER hold_ruled_once BEFORE UPDATE OR DELETE ON hold FOR EACH ROW EXECUTE FUNCTION zhizhi_ruled_once();
CREATE TRIGGER wish_settled_once BEFORE UPDATE OR DELETE ON wish FOR EACH ROW EXECUTE FUNCTION zhizhi_ruled_once();
