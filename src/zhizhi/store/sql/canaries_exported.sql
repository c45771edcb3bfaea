-- An export about a canary says who took it; its leaf, which names nobody, raises no second alarm.
CREATE FUNCTION zhizhi_alarm_of_file() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    PERFORM zhizhi_raise_alarm(NEW.person_id, NEW.staff_id, 'export', NEW.taken_at);
    RETURN NULL;
END $$;
CREATE TRIGGER export_alarm AFTER INSERT ON export FOR EACH ROW
    WHEN (NEW.person_id IS NOT NULL) EXECUTE FUNCTION zhizhi_alarm_of_file();
DROP TRIGGER leaf_export_alarm ON leaf;
CREATE TRIGGER leaf_export_alarm AFTER INSERT ON leaf FOR EACH ROW
    WHEN (NEW.kind = 'export' AND NEW.source_person_id IS NOT NULL AND NEW.source_table IS DISTINCT FROM 'export')
    EXECUTE FUNCTION zhizhi_alarm_of_export();
