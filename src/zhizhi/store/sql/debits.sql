-- Direct debits (docs/decisions/0064-direct-debits.md): a mandate says what it said, an order is drawn once and never above the mandate or
-- what its debtor lives on, and what takes two persons has their approval.
DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['debit_mandate', 'debit_attempt', 'debit_batch', 'living_reserve'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY gate_works ON %I TO zhizhi_gate USING (true) WITH CHECK (true)', protected);
        EXECUTE format('GRANT SELECT ON %I TO zhizhi_web', protected);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO zhizhi_gate', protected);
    END LOOP;
    FOREACH protected IN ARRAY ARRAY['debit_mandate', 'debit_attempt'] LOOP
        EXECUTE format('CREATE POLICY web_reads ON %1$I FOR SELECT TO zhizhi_web USING (lender_id = ANY ((SELECT zhizhi_money_lenders())::bigint[])
                        OR EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = %1$I.person_id))', protected);
    END LOOP;
    FOREACH protected IN ARRAY ARRAY['debit_batch', 'living_reserve'] LOOP
        EXECUTE format('CREATE POLICY web_reads ON %1$I FOR SELECT TO zhizhi_web USING (lender_id = ANY ((SELECT zhizhi_house_lenders())::bigint[]))',
                       protected);
    END LOOP;
END $$;
-- Sealed columns are sealed anew when keys are rotated.
GRANT UPDATE (sealed, state, approval_id, ended_at, ended_by, ended_ground) ON debit_mandate TO zhizhi_gate;
GRANT UPDATE (state, batch_id, stop_id, result_by, failure, again_on, remittance_id, ended_at, looked_by, looked_at, ground) ON debit_attempt TO zhizhi_gate;
GRANT UPDATE (state, approval_id, written_at, digest) ON debit_batch TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE debit_batch_id_seq, living_reserve_id_seq TO zhizhi_gate;
ALTER TABLE debit_mandate ADD FOREIGN KEY (person_id, debt_id) REFERENCES debt (person_id, id);
ALTER TABLE debit_attempt ADD FOREIGN KEY (person_id, mandate_id) REFERENCES debit_mandate (person_id, id);
ALTER TABLE debit_attempt ADD FOREIGN KEY (person_id, relief_id) REFERENCES relief (person_id, id);
ALTER TABLE debit_attempt ADD FOREIGN KEY (person_id, stop_id) REFERENCES stop (person_id, id);
ALTER TABLE debit_attempt ADD FOREIGN KEY (remittance_id) REFERENCES remittance (id);
CREATE TRIGGER living_reserve_only_added BEFORE UPDATE OR DELETE ON living_reserve FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();

CREATE FUNCTION zhizhi_debit_was_approved(approval bigint, lender bigint, step text, what text, row_id bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
SELECT EXISTS (SELECT 1 FROM approval a WHERE a.id = approval AND a.act = 'debit' AND a.state IN ('approved', 'executed')
    AND a.lender_id = lender AND a.request ->> 'step' = step AND a.request ->> what = row_id::text)
$$;
-- RESERVE_MINOR of core/debt/debit/drawing.py; a test compares the two.
CREATE FUNCTION zhizhi_living_reserve(lender bigint, on_day date) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
SELECT coalesce((SELECT r.reserve_minor FROM living_reserve r WHERE r.lender_id = lender AND r.from_on <= on_day
                 ORDER BY r.from_on DESC, r.id DESC LIMIT 1), 200000)
$$;

CREATE FUNCTION zhizhi_debit_mandate_moves_on() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    moving constant text[] := ARRAY['sealed', 'state', 'approval_id', 'ended_at', 'ended_by', 'ended_ground'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a mandate is never deleted' USING ERRCODE = 'restrict_violation';
    ELSIF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'asked' THEN
            RAISE EXCEPTION 'a mandate begins by being asked for' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END IF;
    IF (to_jsonb(NEW) - moving) IS DISTINCT FROM (to_jsonb(OLD) - moving)
       OR OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (('asked', 'active'), ('asked', 'refused'), ('asked', 'revoked'),
                                                                    ('active', 'suspended'), ('active', 'revoked'), ('suspended', 'revoked')) THEN
        RAISE EXCEPTION 'a mandate says what it said, and ends once' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'active' AND NOT coalesce(zhizhi_debit_was_approved(NEW.approval_id, NEW.lender_id, 'mandate', 'mandate', NEW.id), false) THEN
        RAISE EXCEPTION 'a mandate takes two persons' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER debit_mandate_moves_on BEFORE INSERT OR UPDATE OR DELETE ON debit_mandate FOR EACH ROW
    EXECUTE FUNCTION zhizhi_debit_mandate_moves_on();

CREATE FUNCTION zhizhi_debit_batch_moves_on() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    moving constant text[] := ARRAY['state', 'approval_id', 'written_at', 'digest'];
BEGIN
    IF TG_OP = 'DELETE' OR TG_OP = 'UPDATE' AND ((to_jsonb(NEW) - moving) IS DISTINCT FROM (to_jsonb(OLD) - moving)
       OR OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (('asked', 'approved'), ('asked', 'refused'), ('approved', 'written')))
       OR TG_OP = 'INSERT' AND NEW.state <> 'asked' THEN
        RAISE EXCEPTION 'a batch is asked for, approved and written once' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state IN ('approved', 'written')
       AND NOT coalesce(zhizhi_debit_was_approved(NEW.approval_id, NEW.lender_id, 'batch', 'batch', NEW.id), false) THEN
        RAISE EXCEPTION 'a batch takes two persons' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER debit_batch_moves_on BEFORE INSERT OR UPDATE OR DELETE ON debit_batch FOR EACH ROW EXECUTE FUNCTION zhizhi_debit_batch_moves_on();

CREATE FUNCTION zhizhi_living_reserve_was_approved() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT coalesce(zhizhi_debit_was_approved(NEW.approval_id, NEW.lender_id, 'reserve', 'reserve_minor', NEW.reserve_minor), false) THEN
        RAISE EXCEPTION 'the living reserve takes two persons' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER living_reserve_was_approved BEFORE INSERT ON living_reserve FOR EACH ROW EXECUTE FUNCTION zhizhi_living_reserve_was_approved();

-- Who writes an order holds its person, so that sums are those of this moment.
CREATE FUNCTION zhizhi_debit_is_within(new debit_attempt) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
SELECT EXISTS (
    SELECT 1 FROM debit_mandate m
    WHERE m.person_id = new.person_id AND m.id = new.mandate_id AND m.debt_id = new.debt_id AND m.lender_id = new.lender_id
      AND m.currency = new.currency AND m.state = 'active' AND new."on" >= m.from_on AND (m.until_on IS NULL OR new."on" <= m.until_on)
      AND new.amount_minor <= m.limit_debit_minor
      AND new.amount_minor + coalesce((
            SELECT sum(a.amount_minor) FROM debit_attempt a
            WHERE a.person_id = new.person_id AND a.mandate_id = m.id AND a."on" = new."on" AND a.id <> new.id
              AND a.state NOT IN ('failed', 'withdrawn')), 0) <= m.limit_day_minor
      AND new.amount_minor + coalesce((
            SELECT sum(a.amount_minor) FROM debit_attempt a
            WHERE a.person_id = new.person_id AND date_trunc('month', a."on") = date_trunc('month', new."on") AND a.id <> new.id
              AND a.state NOT IN ('failed', 'withdrawn')), 0) <= m.income_minor - zhizhi_living_reserve(m.lender_id, new."on"))
$$;

CREATE FUNCTION zhizhi_debit_attempt_moves_on() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    moving constant text[] := ARRAY['state', 'batch_id', 'stop_id', 'result_by', 'failure', 'again_on', 'remittance_id', 'ended_at', 'looked_by',
                                    'looked_at', 'ground'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'an order is never deleted' USING ERRCODE = 'restrict_violation';
    ELSIF TG_OP = 'INSERT' AND NEW.state <> 'planned' THEN
        RAISE EXCEPTION 'an order begins by being planned' USING ERRCODE = 'restrict_violation';
    ELSIF TG_OP = 'UPDATE' AND ((to_jsonb(NEW) - moving) IS DISTINCT FROM (to_jsonb(OLD) - moving)
       OR OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (('planned', 'handed_over'), ('planned', 'withdrawn'), ('handed_over', 'succeeded'),
                                                                    ('handed_over', 'failed'), ('succeeded', 'charged_back'))
       OR OLD.batch_id IS DISTINCT FROM NEW.batch_id AND NEW.state <> 'planned'
       OR OLD.remittance_id IS NOT NULL AND NEW.remittance_id IS DISTINCT FROM OLD.remittance_id) THEN
        RAISE EXCEPTION 'an order says what it said, and has one end' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (TG_OP = 'INSERT' OR NEW.state = 'handed_over' AND OLD.state = 'planned') AND NOT coalesce(zhizhi_debit_is_within(NEW), false) THEN
        RAISE EXCEPTION 'an order is within its mandate and leaves what its debtor lives on' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'handed_over' AND NOT EXISTS (
        SELECT 1 FROM debit_batch b WHERE b.id = NEW.batch_id AND b.lender_id = NEW.lender_id AND b.state IN ('approved', 'written')) THEN
        RAISE EXCEPTION 'an order leaves in a batch of two persons' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'succeeded' AND NOT EXISTS (
        SELECT 1 FROM remittance r WHERE r.id = NEW.remittance_id AND r.lender_id = NEW.lender_id AND r.source = 'direct_debit'
          AND r.amount_minor = NEW.amount_minor) THEN
        RAISE EXCEPTION 'what was drawn came in as money of its lender and its amount' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER debit_attempt_moves_on BEFORE INSERT OR UPDATE OR DELETE ON debit_attempt FOR EACH ROW
    EXECUTE FUNCTION zhizhi_debit_attempt_moves_on();

-- While a debit is under way nobody is dunned about its debt: the stop is lifted by its result and by nothing else.
CREATE FUNCTION zhizhi_debit_keeps_its_stop() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM debit_attempt a WHERE a.person_id = NEW.person_id AND a.stop_id = NEW.id AND a.state = 'handed_over') THEN
        RAISE EXCEPTION 'a debit is under way' USING ERRCODE = 'ZD001';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER debit_keeps_its_stop BEFORE UPDATE OF lifted_at, until_at, kind, debt_id ON stop FOR EACH ROW
    EXECUTE FUNCTION zhizhi_debit_keeps_its_stop();
