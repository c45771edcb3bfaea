-- What wrong code must not be able to do, whatever it tries.

-- A permit is never altered after minting; it goes open -> used -> released or open -> released, and a release says why.
CREATE FUNCTION zhizhi_permit_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'a permit is never deleted' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (to_jsonb(NEW) - ARRAY['state', 'used_at', 'released_at', 'released_because'])
       IS DISTINCT FROM (to_jsonb(OLD) - ARRAY['state', 'used_at', 'released_at', 'released_because']) THEN
        RAISE EXCEPTION 'a permit is not altered after minting' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NOT ((OLD.state = 'open' AND NEW.state = 'used' AND NEW.used_at IS NOT NULL)
            OR (OLD.state IN ('open', 'used') AND NEW.state = 'released' AND NEW.released_because IS NOT NULL AND NEW.released_at IS NOT NULL)) THEN
        RAISE EXCEPTION 'a permit is used once: % -> %', OLD.state, NEW.state USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER permit_stands BEFORE UPDATE OR DELETE ON permit FOR EACH ROW EXECUTE FUNCTION zhizhi_permit_stands();

-- A permit is minted only for a decision that permits, at the instant it speaks of.
CREATE FUNCTION zhizhi_permit_is_permitted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM decision d
                   WHERE d.person_id = NEW.person_id AND d.id = NEW.decision_id AND d.verdict = 'permit' AND d.channel = NEW.channel) THEN
        RAISE EXCEPTION 'a permit needs a decision that permits' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER permit_is_permitted BEFORE INSERT ON permit FOR EACH ROW EXECUTE FUNCTION zhizhi_permit_is_permitted();

-- Nothing is handed to a gateway, and nothing counts as having left, unless its permit is in use.
CREATE FUNCTION zhizhi_delivery_has_permit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.state <> 'waiting' THEN
        RAISE EXCEPTION 'a delivery begins as waiting' USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.state IN ('claimed', 'delivered', 'unknown') AND NOT EXISTS (
        SELECT 1 FROM permit p WHERE p.person_id = NEW.person_id AND p.id = NEW.permit_id AND p.state = 'used') THEN
        RAISE EXCEPTION 'a delivery needs a permit in use' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER delivery_has_permit BEFORE INSERT OR UPDATE ON delivery FOR EACH ROW EXECUTE FUNCTION zhizhi_delivery_has_permit();

-- An outbound contact of ours is the use of its permit, at the same party and point, by the same channel.
CREATE FUNCTION zhizhi_contact_has_permit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.permit_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM permit p WHERE p.person_id = NEW.person_id AND p.id = NEW.permit_id AND p.state = 'used'
           AND p.channel = NEW.channel AND p.party_id = NEW.party_id AND p.point_id = NEW.point_id) THEN
        RAISE EXCEPTION 'a contact needs the permit that it used' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER contact_has_permit BEFORE INSERT OR UPDATE OF permit_id, channel, party_id, point_id ON contact
    FOR EACH ROW EXECUTE FUNCTION zhizhi_contact_has_permit();

-- What is only ever added.
CREATE FUNCTION zhizhi_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are only added, never changed', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER entry_only_added BEFORE UPDATE OR DELETE ON entry FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();
CREATE TRIGGER payment_only_added BEFORE UPDATE OR DELETE ON payment FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();
CREATE TRIGGER decision_only_added BEFORE UPDATE OR DELETE ON decision FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();
CREATE TRIGGER checkpoint_only_added BEFORE UPDATE OR DELETE ON checkpoint FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();
CREATE TRIGGER former_row_only_added BEFORE UPDATE OR DELETE ON former_row FOR EACH ROW EXECUTE FUNCTION zhizhi_only_added();

-- A leaf is numbered once and otherwise stays as it is; its source may be forgotten with the person.
CREATE FUNCTION zhizhi_leaf_stands() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.body IS DISTINCT FROM NEW.body OR OLD.kind <> NEW.kind OR OLD.at <> NEW.at OR OLD.subject <> NEW.subject
       OR (OLD.position IS NOT NULL AND NEW.position IS DISTINCT FROM OLD.position)
       OR (NEW.source_person_id IS NOT NULL AND NEW.source_person_id IS DISTINCT FROM OLD.source_person_id) THEN
        RAISE EXCEPTION 'a leaf is numbered once and never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER leaf_stands BEFORE UPDATE OR DELETE ON leaf FOR EACH ROW EXECUTE FUNCTION zhizhi_leaf_stands();
