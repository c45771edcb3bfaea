-- References of the five tables that a book fills by the million, checked a statement at a time.
--
-- A foreign key asks once a row, at about 6 µs; a million accounts bring seven million rows, and the questions alone took 39 of 81 seconds
-- (docs/decisions/0030-import.md). These triggers ask once a statement, over all of its rows, and refuse the same rows. What a foreign key
-- also does is kept: a key never changes, and a row that others point at is not deleted.
ALTER TABLE person DROP CONSTRAINT person_lender_id_fkey;
ALTER TABLE party DROP CONSTRAINT party_person_id_fkey;
ALTER TABLE point DROP CONSTRAINT point_person_id_party_id_fkey;
ALTER TABLE debt DROP CONSTRAINT debt_person_id_fkey;
ALTER TABLE entry DROP CONSTRAINT entry_person_id_debt_id_fkey;

-- Arguments: the table pointed at, its columns, our columns. SECURITY DEFINER: the question is about all rows, whoever asks.
CREATE FUNCTION zhizhi_has_source() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    is_missing boolean;
BEGIN
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM added a WHERE NOT EXISTS (SELECT 1 FROM %I s WHERE (%s) = (%s)))',
                   TG_ARGV[0],
                   (SELECT string_agg(format('s.%I', c), ', ' ORDER BY n) FROM unnest(string_to_array(TG_ARGV[1], ',')) WITH ORDINALITY AS t (c, n)),
                   (SELECT string_agg(format('a.%I', c), ', ' ORDER BY n) FROM unnest(string_to_array(TG_ARGV[2], ',')) WITH ORDINALITY AS t (c, n)))
        INTO is_missing;
    IF is_missing THEN
        RAISE EXCEPTION 'a row of % points at no row of %', TG_TABLE_NAME, TG_ARGV[0] USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION zhizhi_key_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the key of a row of % never changes', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION zhizhi_is_pointed_at() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    is_used boolean;
BEGIN
    -- Arguments: the table that points here, the condition in its columns (p) and ours ($1).
    EXECUTE format('SELECT EXISTS (SELECT 1 FROM %I p WHERE %s)', TG_ARGV[0], TG_ARGV[1]) INTO is_used USING OLD;
    IF is_used THEN
        RAISE EXCEPTION 'rows of % point at this row of %', TG_ARGV[0], TG_TABLE_NAME USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN OLD;
END $$;

CREATE TRIGGER person_has_lender AFTER INSERT ON person REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION zhizhi_has_source('lender', 'id', 'lender_id');
CREATE TRIGGER party_has_person AFTER INSERT ON party REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION zhizhi_has_source('person', 'id', 'person_id');
CREATE TRIGGER point_has_party AFTER INSERT ON point REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION zhizhi_has_source('party', 'person_id,id', 'person_id,party_id');
CREATE TRIGGER debt_has_person AFTER INSERT ON debt REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION zhizhi_has_source('person', 'id', 'person_id');
CREATE TRIGGER entry_has_debt AFTER INSERT ON entry REFERENCING NEW TABLE AS added FOR EACH STATEMENT
    EXECUTE FUNCTION zhizhi_has_source('debt', 'person_id,id', 'person_id,debt_id');

CREATE TRIGGER person_key_stays BEFORE UPDATE OF id, lender_id ON person FOR EACH ROW
    WHEN ((OLD.id, OLD.lender_id) IS DISTINCT FROM (NEW.id, NEW.lender_id)) EXECUTE FUNCTION zhizhi_key_stays();
CREATE TRIGGER party_key_stays BEFORE UPDATE OF id, person_id ON party FOR EACH ROW
    WHEN ((OLD.id, OLD.person_id) IS DISTINCT FROM (NEW.id, NEW.person_id)) EXECUTE FUNCTION zhizhi_key_stays();
CREATE TRIGGER point_key_stays BEFORE UPDATE OF id, person_id, party_id ON point FOR EACH ROW
    WHEN ((OLD.id, OLD.person_id, OLD.party_id) IS DISTINCT FROM (NEW.id, NEW.person_id, NEW.party_id)) EXECUTE FUNCTION zhizhi_key_stays();
CREATE TRIGGER debt_key_stays BEFORE UPDATE OF id, person_id ON debt FOR EACH ROW
    WHEN ((OLD.id, OLD.person_id) IS DISTINCT FROM (NEW.id, NEW.person_id)) EXECUTE FUNCTION zhizhi_key_stays();

CREATE TRIGGER lender_with_persons BEFORE DELETE ON lender FOR EACH ROW
    EXECUTE FUNCTION zhizhi_is_pointed_at('person', 'p.lender_id = $1.id');
CREATE TRIGGER person_with_parties BEFORE DELETE ON person FOR EACH ROW
    EXECUTE FUNCTION zhizhi_is_pointed_at('party', 'p.person_id = $1.id');
CREATE TRIGGER person_with_debts BEFORE DELETE ON person FOR EACH ROW
    EXECUTE FUNCTION zhizhi_is_pointed_at('debt', 'p.person_id = $1.id');
CREATE TRIGGER party_with_points BEFORE DELETE ON party FOR EACH ROW
    EXECUTE FUNCTION zhizhi_is_pointed_at('point', 'p.person_id = $1.person_id AND p.party_id = $1.id');
CREATE TRIGGER debt_with_entries BEFORE DELETE ON debt FOR EACH ROW
    EXECUTE FUNCTION zhizhi_is_pointed_at('entry', 'p.person_id = $1.person_id AND p.debt_id = $1.id');

-- An import is withdrawn by what it brought.
CREATE INDEX debt_by_import ON debt (import_id) WHERE import_id IS NOT NULL;
CREATE INDEX payment_by_import ON payment (import_id) WHERE import_id IS NOT NULL;
