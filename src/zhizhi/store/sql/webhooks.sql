-- Webhooks (docs/decisions/0052-webhooks.md): a service account sees its own; the lender's own people whose scope is the lender or the
-- installation see those of their lenders. Nobody reads a secret through the web login: those columns are not granted.
INSERT INTO watermark (name, position) SELECT 'webhooks', coalesce(max(position) + 1, 0) FROM leaf;

CREATE FUNCTION zhizhi_webhook_account() RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
SELECT d.staff_id FROM zhizhi_desk() d WHERE d.role = 'service_account'
$$;
CREATE FUNCTION zhizhi_webhook_lenders() RETURNS bigint[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
SELECT CASE WHEN EXISTS (SELECT 1 FROM zhizhi_desk() d WHERE d.role IN ('administrator', 'auditor'))
       THEN zhizhi_house_lenders() ELSE '{}'::bigint[] END
$$;
REVOKE ALL ON FUNCTION zhizhi_webhook_account(), zhizhi_webhook_lenders() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION zhizhi_webhook_account(), zhizhi_webhook_lenders() TO zhizhi_web;

DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['webhook_endpoint', 'webhook_delivery', 'webhook_attempt'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY gate_works ON %I TO zhizhi_gate USING (true) WITH CHECK (true)', protected);
    END LOOP;
END $$;
CREATE POLICY web_reads ON webhook_endpoint FOR SELECT TO zhizhi_web USING (
    staff_id = (SELECT zhizhi_webhook_account()) OR lender_id = ANY ((SELECT zhizhi_webhook_lenders())::bigint[]));
CREATE POLICY web_reads ON webhook_delivery FOR SELECT TO zhizhi_web USING (endpoint_id IN (SELECT e.id FROM webhook_endpoint e));
CREATE POLICY web_reads ON webhook_attempt FOR SELECT TO zhizhi_web USING (delivery_id IN (SELECT d.id FROM webhook_delivery d WHERE d.id = delivery_id));
GRANT SELECT (id, staff_id, lender_id, agency_id, url, description, events, off_at, off_because, failing_since, before_until,
              from_position, created_at, deleted_at) ON webhook_endpoint TO zhizhi_web;
GRANT SELECT ON webhook_delivery, webhook_attempt TO zhizhi_web;
GRANT SELECT, INSERT, UPDATE ON webhook_endpoint TO zhizhi_gate;
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_delivery TO zhizhi_gate;
GRANT SELECT, INSERT, DELETE ON webhook_attempt TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE webhook_delivery_id_seq, webhook_attempt_id_seq TO zhizhi_gate;

-- What a message says, to whom and under which id is settled when it is written; whose an endpoint is never changes.
CREATE FUNCTION zhizhi_webhook_message_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.endpoint_id, NEW.message_id, NEW.position, NEW.type, NEW.happened_at, NEW.body)
       IS DISTINCT FROM (OLD.id, OLD.endpoint_id, OLD.message_id, OLD.position, OLD.type, OLD.happened_at, OLD.body)
       OR NEW.person_id IS DISTINCT FROM OLD.person_id OR NEW.case_id IS DISTINCT FROM OLD.case_id THEN
        RAISE EXCEPTION 'a message is written once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER webhook_message_stands BEFORE UPDATE ON webhook_delivery FOR EACH ROW EXECUTE FUNCTION zhizhi_webhook_message_stands();
CREATE FUNCTION zhizhi_webhook_endpoint_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.staff_id, NEW.lender_id, NEW.from_position) IS DISTINCT FROM (OLD.id, OLD.staff_id, OLD.lender_id, OLD.from_position)
       OR NEW.agency_id IS DISTINCT FROM OLD.agency_id OR OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS DISTINCT FROM OLD.deleted_at THEN
        RAISE EXCEPTION 'whose an endpoint is never changes' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER webhook_endpoint_stands BEFORE UPDATE ON webhook_endpoint FOR EACH ROW EXECUTE FUNCTION zhizhi_webhook_endpoint_stands();
