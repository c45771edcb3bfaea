-- Requests of debtors (docs/relief.md): seen with the case, moved on step by step, never deleted.
ALTER TABLE person_request ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON person_request TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY web_reads ON person_request FOR SELECT TO zhizhi_web
    USING (EXISTS (SELECT 1 FROM collection_case c WHERE c.person_id = person_request.person_id));
GRANT SELECT ON person_request TO zhizhi_web;
GRANT SELECT, INSERT ON person_request TO zhizhi_gate;
-- Sealed columns are sealed anew when keys are rotated.
GRANT UPDATE (sealed, due_on, state, answer, answer_sealed, answered_by, answered_at, second_asked_at, second_answer, second_sealed,
    second_by, second_at) ON person_request TO zhizhi_gate;
ALTER TABLE person_request ADD FOREIGN KEY (person_id) REFERENCES person (id);

CREATE FUNCTION zhizhi_person_request_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    answer constant text[] := ARRAY['answer', 'answered_by', 'answered_at'];
    moving constant text[] := answer || ARRAY['sealed', 'answer_sealed', 'second_sealed', 'due_on', 'state', 'second_asked_at', 'second_answer',
                                              'second_by', 'second_at'];
    was jsonb := to_jsonb(OLD);
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a request is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (to_jsonb(NEW) - moving) IS DISTINCT FROM (was - moving)
       OR OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (('open', 'answered'), ('answered', 'second_look'), ('second_look', 'closed'))
       OR OLD.answer IS NOT NULL AND (NEW.answer, NEW.answered_by, NEW.answered_at) IS DISTINCT FROM (OLD.answer, OLD.answered_by, OLD.answered_at)
       OR OLD.second_at IS NOT NULL AND (NEW.second_answer, NEW.second_by, NEW.second_at)
          IS DISTINCT FROM (OLD.second_answer, OLD.second_by, OLD.second_at)
       OR NEW.due_on <> OLD.due_on AND NOT (OLD.state = 'answered' AND NEW.state = 'second_look') THEN
        RAISE EXCEPTION 'a request is answered once, and looked at again once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER person_request_moves_on BEFORE UPDATE OR DELETE ON person_request FOR EACH ROW
    EXECUTE FUNCTION zhizhi_person_request_moves_on();
