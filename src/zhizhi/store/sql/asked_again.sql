-- A permit was decided on what was known then. A delivery says at which version of its person the law last permitted it;
-- who claims it compares (docs/decisions/0051-asked-again.md). No statement of a caller sets it when the delivery begins.
CREATE FUNCTION zhizhi_delivery_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT p.version INTO NEW.stands_at FROM person p WHERE p.id = NEW.person_id;
    RETURN NEW;
END $$;
CREATE TRIGGER delivery_stands BEFORE INSERT ON delivery FOR EACH ROW EXECUTE FUNCTION zhizhi_delivery_stands();

-- As gate_transitions.sql; that a waiting delivery was asked about again is no move, and what was overtaken is not claimed.
CREATE OR REPLACE FUNCTION zhizhi_delivery_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a delivery is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.person_id, OLD.id, OLD.permit_id, OLD.channel, OLD.gateway, OLD.due_at, OLD.run_id, OLD.sealed)
       IS DISTINCT FROM (NEW.person_id, NEW.id, NEW.permit_id, NEW.channel, NEW.gateway, NEW.due_at, NEW.run_id, NEW.sealed) THEN
        RAISE EXCEPTION 'a delivery is not altered' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state = 'waiting' AND NEW.state = 'waiting' AND NEW.stands_at IS DISTINCT FROM OLD.stands_at
       AND to_jsonb(NEW) - 'stands_at' = to_jsonb(OLD) - 'stands_at' THEN
        RETURN NEW;
    END IF;
    IF OLD.state = 'waiting' AND NEW.state = 'claimed'
       AND NEW.stands_at IS DISTINCT FROM (SELECT p.version FROM person p WHERE p.id = NEW.person_id) THEN
        RAISE EXCEPTION 'somebody wrote about the person since: the law is asked again before this leaves'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT ((OLD.state, NEW.state) IN (('waiting', 'claimed'), ('waiting', 'cancelled'), ('claimed', 'delivered'),
            ('claimed', 'failed'), ('claimed', 'unknown'), ('unknown', 'delivered'), ('unknown', 'failed'))) THEN
        RAISE EXCEPTION 'a delivery moves only forwards: % -> %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
