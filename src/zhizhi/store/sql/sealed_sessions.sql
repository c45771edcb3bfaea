-- What a browser's session holds is sealed from now on, and found by a digest of the cookie (store/sign_in/browser_sessions.py). Rows of
-- before gave away how to open a session to whoever read them: they go, and so do the sessions, of which somebody may have kept the secret.
DELETE FROM django_session;
UPDATE staff_session SET ended_at = greatest(now(), started_at), ended_because = 'sealed' WHERE ended_at IS NULL;
