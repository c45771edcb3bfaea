-- Files that left are only added, counted before they are written, and beyond a small number approved by a second person
-- (docs/decisions/0053-exports.md).
ALTER TABLE export ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON export TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY web_reads ON export FOR SELECT TO zhizhi_web USING (
    staff_id::text = (SELECT zhizhi_viewer('staff'))
    OR lender_id = ANY ((SELECT zhizhi_viewer_ids('lender', 'lender'))::bigint[])
    OR (lender_id IS NULL AND (SELECT zhizhi_viewer('lender')) = '*'));
REVOKE ALL ON export, export_row FROM zhizhi_web, zhizhi_gate;
GRANT SELECT ON export TO zhizhi_web;
GRANT SELECT, INSERT ON export TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE export_id_seq TO zhizhi_gate;
CREATE TRIGGER export_only_added BEFORE UPDATE OR DELETE ON export FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();

-- Whoever is shown no row here learns nothing of what others took.
ALTER TABLE export_row ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON export_row TO zhizhi_gate USING (true) WITH CHECK (true);
GRANT SELECT, INSERT ON export_row TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE export_row_id_seq TO zhizhi_gate;
CREATE TRIGGER export_row_only_added BEFORE UPDATE OR DELETE ON export_row FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();

-- Counts before it writes, one after another: first the member's lock, then the recipient's, so that nobody waits in a circle.
CREATE FUNCTION zhizhi_export_within_limits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    used bigint;
    alone constant integer := 100;
BEGIN
    -- Only here does a statement after the lock see what others committed before it.
    IF current_setting('transaction_isolation') <> 'read committed' THEN
        RAISE EXCEPTION 'exports are counted at the isolation level read committed' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.units <> NEW.rows * (CASE NEW.data_class WHEN 'close' THEN 100 WHEN 'life' THEN 10 WHEN 'other' THEN 1 END) THEN
        RAISE EXCEPTION 'a record weighs what its class weighs' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM staff s WHERE s.id = NEW.staff_id AND s.is_active AND s.role = NEW.role
                     AND (s.lender_id IS NULL OR s.lender_id = NEW.lender_id)) THEN
        RAISE EXCEPTION 'an export is taken by somebody who works here, of their lender' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.approval_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM approval a WHERE a.id = NEW.approval_id AND a.act = 'export' AND a.state = 'executed'
          AND a.asked_by_id = NEW.staff_id AND a.lender_id IS NOT DISTINCT FROM NEW.lender_id
          AND a.request ->> 'kind' = NEW.kind AND a.request ->> 'target' = NEW.target
          AND (a.request ->> 'rows')::integer = NEW.rows AND a.request ->> 'class' = NEW.data_class
          AND a.request ->> 'recipient' = NEW.recipient) THEN
        RAISE EXCEPTION 'an export is what a second person approved' USING ERRCODE = 'restrict_violation';
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('export by ' || NEW.staff_id, 0));
    PERFORM pg_advisory_xact_lock(hashtextextended('export to ' || NEW.recipient_key, 0));
    IF NEW.approval_id IS NULL THEN
        IF NEW.kind = 'views' THEN
            RAISE EXCEPTION 'a second person is needed' USING ERRCODE = 'ZE002', DETAIL = '0 0';
        END IF;
        SELECT coalesce(sum(e.units), 0) INTO used FROM export e
        WHERE e.staff_id = NEW.staff_id AND e.approval_id IS NULL AND e.taken_at > NEW.taken_at - interval '24 hours';
        IF used + NEW.units > least(alone, NEW.day_limit) THEN
            RAISE EXCEPTION 'a second person is needed' USING ERRCODE = 'ZE002', DETAIL = format('%s %s', used, least(alone, NEW.day_limit));
        END IF;
    END IF;
    SELECT coalesce(sum(e.units), 0) INTO used FROM export e
    WHERE e.staff_id = NEW.staff_id AND e.taken_at > NEW.taken_at - interval '24 hours';
    IF used + NEW.units > NEW.day_limit THEN
        RAISE EXCEPTION 'more than one member of staff may take' USING ERRCODE = 'ZE001', DETAIL = format('staff %s %s', used, NEW.day_limit);
    END IF;
    SELECT coalesce(sum(e.units), 0) INTO used FROM export e
    WHERE e.recipient_key = NEW.recipient_key AND e.taken_at > NEW.taken_at - interval '24 hours';
    IF used + NEW.units > NEW.day_limit THEN
        RAISE EXCEPTION 'more than one recipient may get' USING ERRCODE = 'ZE001', DETAIL = format('recipient %s %s', used, NEW.day_limit);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER export_within_limits BEFORE INSERT ON export FOR EACH ROW EXECUTE FUNCTION zhizhi_export_within_limits();
