-- Promises and notes that came with a book are older than the first case here; the case that is opened takes them over.
CREATE FUNCTION zhizhi_case_takes_history() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    UPDATE promise SET case_id = o.id FROM opened o WHERE promise.person_id = o.person_id AND promise.case_id IS NULL;
    UPDATE note SET case_id = o.id FROM opened o WHERE note.person_id = o.person_id AND note.case_id IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER case_takes_history AFTER INSERT ON collection_case REFERENCING NEW TABLE AS opened FOR EACH STATEMENT
    EXECUTE FUNCTION zhizhi_case_takes_history();
CREATE INDEX note_without_case ON note (person_id) WHERE case_id IS NULL;
CREATE INDEX promise_without_case ON promise (person_id) WHERE case_id IS NULL;
