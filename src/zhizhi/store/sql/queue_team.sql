-- Which team works on a queue decides whose leader sees its cases: changed by what two people agreed on, whichever code writes.
CREATE FUNCTION zhizhi_queue_team_is_agreed() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM approval a
                   WHERE a.act = 'queue_team' AND a.state = 'approved' AND a.lender_id = NEW.lender_id
                     AND a.request -> 'queue' = to_jsonb(NEW.id)
                     AND (a.request ->> 'before', a.request ->> 'team') = (OLD.team, NEW.team)) THEN
        RAISE EXCEPTION 'two people agree on the team of a queue' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER queue_team_is_agreed BEFORE UPDATE OF team ON queue FOR EACH ROW
    WHEN (NEW.team IS DISTINCT FROM OLD.team) EXECUTE FUNCTION zhizhi_queue_team_is_agreed();
