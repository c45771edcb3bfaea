-- Outbound numbers (docs/decisions/0067-outbound-calling.md).
DO $$
DECLARE
    kept text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['outbound_number', 'outbound_step', 'outbound_call'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', kept);
        EXECUTE format('CREATE POLICY gate_works ON %I TO zhizhi_gate USING (true) WITH CHECK (true)', kept);
        EXECUTE format('GRANT SELECT ON %I TO zhizhi_web', kept);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO zhizhi_gate', kept);
    END LOOP;
END $$;
GRANT USAGE, SELECT ON SEQUENCE outbound_number_id_seq, outbound_step_id_seq TO zhizhi_gate;
-- Locking a number for the count of its day takes the right to change it: of one column that never changes (trigger).
GRANT UPDATE (lender_id) ON outbound_number TO zhizhi_gate;
CREATE POLICY web_reads ON outbound_number FOR SELECT TO zhizhi_web USING (lender_id = ANY ((SELECT zhizhi_house_lenders())::bigint[]));
CREATE POLICY web_reads ON outbound_step FOR SELECT TO zhizhi_web
    USING (EXISTS (SELECT 1 FROM outbound_number n WHERE n.id = outbound_step.number_id));
CREATE POLICY web_reads ON outbound_call FOR SELECT TO zhizhi_web
    USING (EXISTS (SELECT 1 FROM outbound_number n WHERE n.id = outbound_call.number_id));
CREATE TRIGGER outbound_step_only_added BEFORE UPDATE OR DELETE ON outbound_step FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();
CREATE TRIGGER outbound_call_only_added BEFORE UPDATE OR DELETE ON outbound_call FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();

-- Whose number it is and which one never changes, and a number begins as nobody may call from it.
CREATE FUNCTION zhizhi_outbound_number_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'open' OR NEW.filed_until IS NOT NULL OR NEW.rests_until IS NOT NULL THEN
            RAISE EXCEPTION 'an outbound number begins without a filing' USING ERRCODE = 'restrict_violation';
        END IF;
    ELSIF TG_OP = 'DELETE' OR (NEW.lender_id, NEW.number) IS DISTINCT FROM (OLD.lender_id, OLD.number)
        OR NEW.agency_id IS DISTINCT FROM OLD.agency_id OR OLD.state = 'retired' THEN
        RAISE EXCEPTION 'an outbound number stays whose it is, and one that is retired stays so' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER outbound_number_stays BEFORE INSERT OR UPDATE OR DELETE ON outbound_number
    FOR EACH ROW EXECUTE FUNCTION zhizhi_outbound_number_stays();

-- What lets calls out takes two persons: such a step stands in an approved request, word for word.
CREATE FUNCTION zhizhi_outbound_step_is_approved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.approval_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM approval p JOIN outbound_number n ON n.id = NEW.number_id
        WHERE p.id = NEW.approval_id AND p.act = 'outbound_number' AND p.state IN ('approved', 'executed')
          AND p.lender_id = n.lender_id AND (p.request ->> 'number_id')::bigint = NEW.number_id AND p.request ->> 'step' = NEW.kind
          AND (p.request ->> 'filed_until')::date IS NOT DISTINCT FROM NEW.filed_until
          AND (p.request ->> 'daily_max')::integer IS NOT DISTINCT FROM NEW.daily_max) THEN
        RAISE EXCEPTION 'what lets calls out is approved by two persons' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER outbound_step_is_approved BEFORE INSERT ON outbound_step FOR EACH ROW EXECUTE FUNCTION zhizhi_outbound_step_is_approved();

-- A step writes what it changes of its number; nobody else does. A ceiling that is raised comes with an approved step, a longer
-- rest beats a shorter one.
CREATE FUNCTION zhizhi_outbound_step_counts() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    was outbound_number;
BEGIN
    SELECT * INTO STRICT was FROM outbound_number n WHERE n.id = NEW.number_id FOR NO KEY UPDATE;
    IF NEW.kind = 'added' THEN
        RETURN NEW;
    END IF;
    IF NEW.daily_max > was.daily_max AND NEW.approval_id IS NULL THEN
        RAISE EXCEPTION 'a ceiling is raised by two persons' USING ERRCODE = 'restrict_violation';
    END IF;
    UPDATE outbound_number n SET
        state = CASE NEW.kind WHEN 'blocked' THEN 'blocked' WHEN 'unblocked' THEN 'open' WHEN 'retired' THEN 'retired' ELSE n.state END,
        filed_until = CASE NEW.kind WHEN 'filed' THEN NEW.filed_until WHEN 'filing_ended' THEN NULL ELSE n.filed_until END,
        filing_number = CASE NEW.kind WHEN 'filed' THEN NEW.filing_number WHEN 'filing_ended' THEN '' ELSE n.filing_number END,
        rests_until = CASE WHEN NEW.kind = 'resumed' THEN NULL ELSE greatest(n.rests_until, NEW.rests_until) END,
        daily_max = coalesce(NEW.daily_max, n.daily_max),
        carrier = coalesce(nullif(NEW.carrier, ''), n.carrier),
        holder = coalesce(nullif(NEW.holder, ''), n.holder)
    WHERE n.id = NEW.number_id;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION zhizhi_outbound_step_counts FROM PUBLIC;
CREATE TRIGGER outbound_step_counts AFTER INSERT ON outbound_step FOR EACH ROW EXECUTE FUNCTION zhizhi_outbound_step_counts();

-- Why no call may go out from a number at an instant; null where one may. `more`: whether another call of its day is asked for.
CREATE FUNCTION zhizhi_number_falls(of_number bigint, asked_at timestamptz, more boolean) RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
SELECT CASE
    WHEN n.state = 'retired' THEN 'number_retired'
    WHEN n.state = 'blocked' THEN 'number_blocked'
    WHEN n.filed_until IS NULL THEN 'number_not_filed'
    WHEN n.filed_until < (asked_at AT TIME ZONE 'Asia/Shanghai')::date THEN 'number_filing_over'
    WHEN n.rests_until > asked_at THEN 'number_rests'
    WHEN more AND n.daily_max <= (SELECT count(*) FROM outbound_call c
         WHERE c.number_id = n.id AND c.on_day = (asked_at AT TIME ZONE 'Asia/Shanghai')::date) THEN 'number_full'
    END
FROM outbound_number n WHERE n.id = of_number
$$;

-- The numbers of a lender's own desks, or of an agency that calls for it; of the two the code that stands in permits names which.
CREATE FUNCTION zhizhi_numbers_of(of_lender bigint, collector text) RETURNS SETOF outbound_number
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
SELECT n.* FROM outbound_number n
WHERE n.lender_id = of_lender AND n.agency_id IS NOT DISTINCT FROM (SELECT a.id FROM agency a WHERE a.code = collector)
$$;

-- Why a permitted call may not go out from the number that was taken for it; null where it may, or no register is kept.
CREATE FUNCTION zhizhi_call_falls(of_person bigint, of_permit bigint, asked_at timestamptz) RETURNS text
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
SELECT CASE
    WHEN NOT EXISTS (SELECT 1 FROM outbound_number n WHERE n.lender_id = m.lender_id) THEN NULL
    WHEN c.number_id IS NULL THEN 'number_not_named'
    ELSE zhizhi_number_falls(c.number_id, asked_at, false) END
FROM permit m LEFT JOIN outbound_call c ON c.person_id = m.person_id AND c.permit_id = m.id
WHERE m.person_id = of_person AND m.id = of_permit
$$;
