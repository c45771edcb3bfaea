-- Campaigns: seen by those who see the lender's cases whole; written by the gate, whose triggers keep their states.
ALTER TABLE campaign_target ADD FOREIGN KEY (person_id) REFERENCES person (id);
ALTER TABLE campaign_target ADD FOREIGN KEY (campaign_id) REFERENCES campaign (id);
ALTER TABLE campaign_target ADD FOREIGN KEY (person_id, decision_id) REFERENCES decision (person_id, id);
ALTER TABLE campaign_target ADD FOREIGN KEY (person_id, delivery_id) REFERENCES delivery (person_id, id);
ALTER TABLE delivery ADD FOREIGN KEY (campaign_id) REFERENCES campaign (id);

DO $$
DECLARE
    protected text;
BEGIN
    FOREACH protected IN ARRAY ARRAY['campaign', 'campaign_step', 'campaign_reject', 'campaign_target'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', protected);
        EXECUTE format('CREATE POLICY gate_works ON %I TO zhizhi_gate USING (true) WITH CHECK (true)', protected);
    END LOOP;
END $$;
CREATE POLICY web_reads ON campaign FOR SELECT TO zhizhi_web USING (
    lender_id = ANY ((SELECT zhizhi_viewer_ids('lender', 'lender'))::bigint[]));
CREATE POLICY web_reads ON campaign_step FOR SELECT TO zhizhi_web USING (campaign_id IN (SELECT c.id FROM campaign c));
CREATE POLICY web_reads ON campaign_reject FOR SELECT TO zhizhi_web USING (campaign_id IN (SELECT c.id FROM campaign c));
CREATE POLICY web_reads ON campaign_target FOR SELECT TO zhizhi_web USING (campaign_id IN (SELECT c.id FROM campaign c));

GRANT SELECT ON campaign, campaign_step, campaign_reject, campaign_target, send_pace TO zhizhi_web;
GRANT SELECT, INSERT ON campaign, campaign_step, campaign_reject, campaign_target, send_pace TO zhizhi_gate;
GRANT UPDATE (total, per_second, tokens, filled_at, state, ended_at, counts, erased_at) ON campaign TO zhizhi_gate;
GRANT UPDATE (state, not_before, reason, decision_id, delivery_id, asked) ON campaign_target TO zhizhi_gate;
GRANT UPDATE (per_second, tokens, filled_at, set_by_id, set_at) ON send_pace TO zhizhi_gate;
GRANT DELETE ON campaign_target TO zhizhi_gate;
GRANT USAGE, SELECT ON SEQUENCE campaign_id_seq, campaign_step_id_seq, campaign_reject_id_seq TO zhizhi_gate;
CREATE TRIGGER campaign_step_only_added BEFORE UPDATE OR DELETE ON campaign_step
    FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();

-- draft -> running | cancelled; running <-> paused; running -> finished; running | paused -> cancelled; an end is an end.
CREATE FUNCTION zhizhi_campaign_moves_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a campaign is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF OLD.state <> NEW.state AND (OLD.state, NEW.state) NOT IN (('draft', 'running'), ('draft', 'cancelled'), ('running', 'paused'),
            ('paused', 'running'), ('running', 'finished'), ('running', 'cancelled'), ('paused', 'cancelled')) THEN
        RAISE EXCEPTION 'a campaign moves only forwards: % -> %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER campaign_moves_on BEFORE UPDATE OR DELETE ON campaign FOR EACH ROW EXECUTE FUNCTION zhizhi_campaign_moves_on();

-- A target that was settled is opened again only where its message never left.
CREATE FUNCTION zhizhi_target_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'waiting' AND NOT (OLD.state = 'permit' AND NEW.state = 'waiting' AND EXISTS (
            SELECT 1 FROM delivery d WHERE d.person_id = OLD.person_id AND d.id = OLD.delivery_id
               AND (d.state = 'cancelled' OR (d.state = 'failed' AND d.failure = 'not_sent')))) THEN
        RAISE EXCEPTION 'a person of a campaign is settled once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER target_stands BEFORE UPDATE ON campaign_target FOR EACH ROW EXECUTE FUNCTION zhizhi_target_stands();

-- A delivery of a campaign is claimed only while the campaign runs; the lock makes a pause that commits the last word.
CREATE FUNCTION zhizhi_campaign_runs() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.campaign_id IS DISTINCT FROM OLD.campaign_id THEN
        RAISE EXCEPTION 'a delivery is not altered' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state = 'claimed' AND OLD.state <> 'claimed' THEN
        PERFORM 1 FROM campaign c WHERE c.id = NEW.campaign_id AND c.state = 'running' FOR SHARE;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'a campaign that does not run sends nothing' USING ERRCODE = 'restrict_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER campaign_runs BEFORE UPDATE ON delivery
    FOR EACH ROW WHEN (OLD.campaign_id IS NOT NULL OR NEW.campaign_id IS NOT NULL) EXECUTE FUNCTION zhizhi_campaign_runs();

-- What came of a campaign, for those who see it; the rows of its persons stay where row-level security has them.
CREATE FUNCTION zhizhi_campaign_sent(of_campaign bigint) RETURNS TABLE (state text, outcome text, failure text, count bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
SELECT d.state, coalesce(c.outcome, ''), coalesce(d.failure, ''), count(*)
FROM delivery d LEFT JOIN contact c ON c.person_id = d.person_id AND c.permit_id = d.permit_id
WHERE d.campaign_id = of_campaign
  AND EXISTS (SELECT 1 FROM campaign g WHERE g.id = of_campaign AND g.lender_id = ANY (zhizhi_viewer_ids('lender', 'lender')))
GROUP BY 1, 2, 3
$$;
REVOKE ALL ON FUNCTION zhizhi_campaign_sent(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION zhizhi_campaign_sent(bigint) TO zhizhi_web;
