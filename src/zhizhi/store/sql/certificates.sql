-- Certificates (docs/relief.md): written while nothing is owed, withdrawn once, never changed and never deleted.
ALTER TABLE certificate ENABLE ROW LEVEL SECURITY;
CREATE POLICY gate_works ON certificate TO zhizhi_gate USING (true) WITH CHECK (true);
CREATE POLICY web_reads ON certificate FOR SELECT TO zhizhi_web USING (
    (SELECT zhizhi_viewer('scope')) IN ('lender', 'matter') AND lender_id = ANY ((SELECT zhizhi_house_lenders())::bigint[]));
GRANT SELECT ON certificate TO zhizhi_web;
GRANT SELECT, INSERT ON certificate TO zhizhi_gate;
GRANT UPDATE (sealed, withdrawn_at) ON certificate TO zhizhi_gate;
ALTER TABLE certificate ADD FOREIGN KEY (person_id, debt_id) REFERENCES debt (person_id, id);

-- Whether a debt is settled: asked by whoever writes a certificate, shows one, or withdraws it.
CREATE FUNCTION zhizhi_is_settled(of_person bigint, of_debt bigint) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
SELECT EXISTS (SELECT 1 FROM debt d WHERE d.person_id = of_person AND d.id = of_debt AND d.state = 'settled' AND d.balance_minor = 0)
$$;

CREATE FUNCTION zhizhi_certificate_is_true() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR TG_OP = 'UPDATE' AND (
        (to_jsonb(NEW) - ARRAY['sealed', 'withdrawn_at']) IS DISTINCT FROM (to_jsonb(OLD) - ARRAY['sealed', 'withdrawn_at'])
        OR OLD.withdrawn_at IS NOT NULL AND NEW.withdrawn_at IS DISTINCT FROM OLD.withdrawn_at) THEN
        RAISE EXCEPTION 'a certificate is withdrawn once, and otherwise stands as it was written' USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'INSERT' AND NOT zhizhi_is_settled(NEW.person_id, NEW.debt_id) THEN
        RAISE EXCEPTION 'a certificate is of a debt on which nothing is owed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER certificate_is_true BEFORE INSERT OR UPDATE OR DELETE ON certificate FOR EACH ROW
    EXECUTE FUNCTION zhizhi_certificate_is_true();
