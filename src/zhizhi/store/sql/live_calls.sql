-- Calls that the system places, and their recordings: rows of a person, guarded as what the gate writes is.
ALTER TABLE live_call ADD FOREIGN KEY (person_id, permit_id) REFERENCES permit (person_id, id);
ALTER TABLE live_call ADD FOREIGN KEY (person_id, delivery_id) REFERENCES delivery (person_id, id);
ALTER TABLE recording ADD FOREIGN KEY (person_id, call_id) REFERENCES live_call (person_id, id);

DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['live_call', 'recording'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY web_reads ON %1$I FOR SELECT TO zhizhi_web
                        USING (EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = %1$I.person_id))', protected);
        EXECUTE format('CREATE POLICY gate_works ON %I TO zhizhi_gate USING (true) WITH CHECK (true)', protected);
    END LOOP;
END $$;
GRANT SELECT ON live_call, recording TO zhizhi_web;
GRANT SELECT, INSERT ON live_call, recording TO zhizhi_gate;
GRANT UPDATE (state, keeper, placed_at, rang_at, answered_at, hang_up_asked_at, ended_at, ended_because, outcome, line_result,
    ring_seconds, talk_seconds, recording_failure) ON live_call TO zhizhi_gate;

-- A call moves forwards only, and what ended never changes; it is placed only while its permit is in use.
CREATE FUNCTION zhizhi_live_call_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    stages CONSTANT text[] := ARRAY['asked', 'desk_rings', 'placed', 'rings', 'talks', 'ended'];
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state = 'ended' THEN
        RAISE EXCEPTION 'a call that ended is not altered, and none is deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF array_position(stages, NEW.state) < array_position(stages, OLD.state)
       OR (OLD.placed_at IS NOT NULL AND NEW.placed_at IS DISTINCT FROM OLD.placed_at)
       OR (OLD.answered_at IS NOT NULL AND NEW.answered_at IS DISTINCT FROM OLD.answered_at) THEN
        RAISE EXCEPTION 'a call moves only forwards: % -> %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.placed_at IS NOT NULL AND OLD.placed_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM permit p WHERE p.person_id = NEW.person_id AND p.id = NEW.permit_id AND p.state = 'used') THEN
        RAISE EXCEPTION 'a call is placed with a permit in use' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER live_call_moves_on BEFORE UPDATE OR DELETE ON live_call
    FOR EACH ROW EXECUTE FUNCTION zhizhi_live_call_moves_on();
CREATE TRIGGER recording_only_added BEFORE UPDATE OR DELETE ON recording
    FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();
