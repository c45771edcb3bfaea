-- Differences between the core's figures and our ledger (docs/money-in.md): they say what they said, wait, and are corrected by two persons.
ALTER TABLE core_difference ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON core_difference TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY web_reads ON core_difference FOR SELECT TO zhizhi_web USING (lender_id = ANY ((SELECT zhizhi_money_lenders())::bigint[]));
GRANT SELECT ON core_difference TO zhizhi_web;
GRANT SELECT, INSERT ON core_difference TO zhizhi_gate;
GRANT UPDATE (state, stop_id, component, approval_id, settled_at, settled_by_id, ground) ON core_difference TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE core_difference_id_seq TO zhizhi_gate;
ALTER TABLE core_difference ADD FOREIGN KEY (person_id, debt_id) REFERENCES debt (person_id, id);
ALTER TABLE core_difference ADD FOREIGN KEY (person_id, stop_id) REFERENCES stop (person_id, id);

CREATE FUNCTION zhizhi_core_difference_moves_on() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    moving constant text[] := ARRAY['state', 'stop_id', 'component', 'approval_id', 'settled_at', 'settled_by_id', 'ground'];
BEGIN
    IF TG_OP = 'DELETE' OR TG_OP = 'INSERT' AND NEW.state <> 'open' OR TG_OP = 'UPDATE' AND (
        (to_jsonb(NEW) - moving) IS DISTINCT FROM (to_jsonb(OLD) - moving)
        OR OLD.state NOT IN ('open', 'asked_core') OR NEW.state = 'open' AND OLD.state <> 'open') THEN
        RAISE EXCEPTION 'a difference says what it said, and is settled once' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'accepted' AND NOT EXISTS (
        SELECT 1 FROM approval a WHERE a.id = NEW.approval_id AND a.act = 'core_difference' AND a.state IN ('approved', 'executed')
          AND a.lender_id = NEW.lender_id AND a.request ->> 'difference' = NEW.id::text AND a.request ->> 'core_minor' = NEW.core_minor::text) THEN
        RAISE EXCEPTION 'a correction takes two persons' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER core_difference_moves_on BEFORE INSERT OR UPDATE OR DELETE ON core_difference FOR EACH ROW
    EXECUTE FUNCTION zhizhi_core_difference_moves_on();
