-- Keys change while work goes on (docs/decisions/0043-keys.md).
GRANT SELECT, INSERT, UPDATE ON key_rotation TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE key_rotation_id_seq TO zhizhi_gate;

CREATE FUNCTION zhizhi_rotation_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.ended_at IS NOT NULL OR (OLD.kind, OLD.aim, OLD.began_at) IS DISTINCT FROM (NEW.kind, NEW.aim, NEW.began_at)
       OR NEW.done < OLD.done THEN
        RAISE EXCEPTION 'a rotation goes on to its end, once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER rotation_moves_on BEFORE UPDATE OR DELETE ON key_rotation FOR EACH ROW EXECUTE FUNCTION zhizhi_rotation_moves_on();

-- That rows are sealed anew and say what they said is claimed by a setting of the transaction, and believed of a login that
-- owns the tables only: no other may truncate them. Where nothing is claimed, that is one look at a setting.

-- As former_of_cases.sql; a re-sealing is no change, and a row of history holds no data key: it would outlive its erasure.
CREATE OR REPLACE FUNCTION zhizhi_keep_former() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    counted constant text[] := ARRAY['version', 'latest_contact_at', 'aged_on'];
    was jsonb := to_jsonb(OLD);
    owner_id bigint := coalesce((was ->> 'person_id')::bigint, (was ->> 'id')::bigint);
BEGIN
    IF TG_OP = 'UPDATE' AND coalesce(current_setting('zhizhi.resealing', true), '') = 'on'
       AND has_table_privilege(session_user, 'person', 'TRUNCATE') THEN
        RETURN NULL;
    END IF;
    IF TG_OP = 'UPDATE' AND (to_jsonb(NEW) - counted) = (was - counted) THEN
        RETURN NULL;
    END IF;
    INSERT INTO former_row (person_id, id, "table", row_id, changed_at, changed_by, was)
    VALUES (owner_id, nextval('former_row_id'), TG_TABLE_NAME, (was ->> 'id')::bigint, clock_timestamp(),
            concat_ws(' ', session_user, nullif(current_setting('zhizhi.staff', true), '')),
            CASE WHEN TG_TABLE_NAME = 'person' THEN was - 'data_key' ELSE was END);
    RETURN NULL;
END $$;
ALTER TABLE former_row DISABLE TRIGGER former_row_only_added;
UPDATE former_row SET was = was - 'data_key' WHERE "table" = 'person' AND was ? 'data_key';
ALTER TABLE former_row ENABLE TRIGGER former_row_only_added;

DO $$
DECLARE
    guard record;
BEGIN
    FOR guard IN SELECT * FROM (VALUES
        ('delivery', 'delivery_moves_on', 'zhizhi_delivery_moves_on'),
        ('settlement', 'settlement_only_added', 'zhizhi_only_added'),
        ('lease_record', 'lease_record_only_added', 'zhizhi_only_added'),
        ('breach_inquiry', 'inquiry_stands', 'zhizhi_inquiry_stands'),
        ('second_factor', 'second_factor_moves_on', 'zhizhi_factor_moves_on')
    ) AS g (of_table, name, runs)
    LOOP
        EXECUTE format('DROP TRIGGER %I ON %I', guard.name, guard.of_table);
        EXECUTE format($trigger$
            CREATE TRIGGER %I BEFORE UPDATE %s ON %I FOR EACH ROW
            WHEN (coalesce(current_setting('zhizhi.resealing', true), '') <> 'on'
                  OR NOT has_table_privilege(session_user, 'person', 'TRUNCATE'))
            EXECUTE FUNCTION %I()$trigger$,
            guard.name, CASE WHEN guard.of_table = 'second_factor' THEN '' ELSE 'OR DELETE' END, guard.of_table, guard.runs);
    END LOOP;
END $$;
