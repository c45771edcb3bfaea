-- The former state of every changed row, written where no code can forget it.
CREATE FUNCTION zhizhi_keep_former() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    was jsonb := to_jsonb(OLD);
    owner_id bigint := coalesce((was ->> 'person_id')::bigint, (was ->> 'id')::bigint);
BEGIN
    IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - 'version') = (was - 'version') THEN
        RETURN NULL;  -- the version of a person grows with every decision; that is counting, not a change
    END IF;
    INSERT INTO former_row (person_id, id, "table", row_id, changed_at, changed_by, was)
    VALUES (owner_id, nextval('former_row_id'), TG_TABLE_NAME, (was ->> 'id')::bigint, clock_timestamp(),
            concat_ws(' ', session_user, nullif(current_setting('zhizhi.staff', true), '')), was);
    RETURN NULL;
END $$;
CREATE SEQUENCE former_row_id;

DO $$
DECLARE
    changed text;
BEGIN
    FOREACH changed IN ARRAY ARRAY['person', 'party', 'point', 'statement', 'debt', 'instalment', 'collection_case', 'stop', 'promise', 'hold'] LOOP
        EXECUTE format('CREATE TRIGGER %1$I_keeps_former AFTER UPDATE OR DELETE ON %1$I FOR EACH ROW EXECUTE FUNCTION zhizhi_keep_former()', changed);
    END LOOP;
END $$;
