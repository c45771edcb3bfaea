-- The first book of a house is written without the indexes that only a search asks; they are made when its rows are there.
--
-- Six of the nine indexes of `person` and `point` are over keyed hashes: every row lands somewhere else in each of them, and a million
-- accounts pay 24 s of processor time for that, against 3 s for making them of rows that are there (docs/decisions/0030-import.md).
-- A search in between is answered from the rows, slowly and rightly. Whoever leaves the indexes out holds a lock of the session, so that
-- a killed import is told from a running one: the next import, the next upload that is looked for or `zhizhi_wake_search()` makes them.
CREATE FUNCTION zhizhi_search_indexes() RETURNS TABLE (name text, definition text) LANGUAGE sql IMMUTABLE AS $$
    VALUES ('person_customer_key', 'person (customer_key)'),
           ('person_name_key', 'person (name_key)'),
           ('person_id_number_key', 'person (id_number_key)'),
           ('person_last_four_key', 'person (last_four_key)'),
           ('point_value_key', 'point (value_key)'),
           ('point_last_four_key', 'point (last_four_key) WHERE last_four_key IS NOT NULL')
$$;

CREATE FUNCTION zhizhi_search_rests() RETURNS boolean LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM zhizhi_search_indexes() AS i WHERE to_regclass(quote_ident(i.name)) IS NULL)
$$;

-- Whether this session leaves the indexes out from here on: only in a house that has nobody yet, and only one session at a time.
CREATE FUNCTION zhizhi_rest_search() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    left_out text;
BEGIN
    IF EXISTS (SELECT 1 FROM person) OR NOT pg_try_advisory_lock(726506) THEN
        RETURN false;
    END IF;
    FOR left_out IN SELECT name FROM zhizhi_search_indexes() LOOP
        EXECUTE format('DROP INDEX IF EXISTS %I', left_out);
    END LOOP;
    RETURN true;
EXCEPTION WHEN lock_not_available THEN
    PERFORM pg_advisory_unlock(726506);
    RETURN false;
END $$;

-- Makes what is missing, unless another session leaves it out. Answers whether all is there.
CREATE FUNCTION zhizhi_wake_search() RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp SET maintenance_work_mem = '128MB' AS $$
DECLARE
    missing record;
BEGIN
    IF NOT zhizhi_search_rests() THEN
        RETURN true;
    END IF;
    IF NOT pg_try_advisory_xact_lock(726506) THEN
        RETURN false;
    END IF;
    FOR missing IN SELECT * FROM zhizhi_search_indexes() AS i WHERE to_regclass(quote_ident(i.name)) IS NULL LOOP
        EXECUTE format('CREATE INDEX %I ON %s', missing.name, missing.definition);
    END LOOP;
    RETURN true;
END $$;

REVOKE ALL ON FUNCTION zhizhi_rest_search(), zhizhi_wake_search() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION zhizhi_rest_search(), zhizhi_wake_search() TO zhizhi_gate;
