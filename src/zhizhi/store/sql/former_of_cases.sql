-- What counts as a change of a row: not the version of a person (counting), nor that a case was contacted or aged again.
CREATE OR REPLACE FUNCTION zhizhi_keep_former() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    counted constant text[] := ARRAY['version', 'latest_contact_at', 'aged_on'];
    was jsonb := to_jsonb(OLD);
    owner_id bigint := coalesce((was ->> 'person_id')::bigint, (was ->> 'id')::bigint);
BEGIN
    IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - counted) = (was - counted) THEN
        RETURN NULL;
    END IF;
    INSERT INTO former_row (person_id, id, "table", row_id, changed_at, changed_by, was)
    VALUES (owner_id, nextval('former_row_id'), TG_TABLE_NAME, (was ->> 'id')::bigint, clock_timestamp(),
            concat_ws(' ', session_user, nullif(current_setting('zhizhi.staff', true), '')), was);
    RETURN NULL;
END $$;
