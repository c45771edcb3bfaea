-- A leaf says which table its commitments speak of; kinds alone do not (a hold may be a decision's or a stop's).
CREATE OR REPLACE FUNCTION zhizhi_leaf_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.id <> NEW.id OR OLD.body IS DISTINCT FROM NEW.body OR OLD.kind <> NEW.kind OR OLD.at <> NEW.at
       OR OLD.subject <> NEW.subject OR OLD.source_id IS DISTINCT FROM NEW.source_id
       OR OLD.source_table IS DISTINCT FROM NEW.source_table
       OR (OLD.position IS NOT NULL AND NEW.position IS DISTINCT FROM OLD.position)
       OR (NEW.source_person_id IS NOT NULL AND NEW.source_person_id IS DISTINCT FROM OLD.source_person_id) THEN
        RAISE EXCEPTION 'a leaf is numbered once and never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

-- Ids come in blocks and say nothing of order; leaves about one row are numbered in the order in which they were written.
ALTER TABLE leaf ADD COLUMN written bigint GENERATED ALWAYS AS IDENTITY;
CREATE INDEX leaf_unnumbered ON leaf (written) WHERE position IS NULL;
