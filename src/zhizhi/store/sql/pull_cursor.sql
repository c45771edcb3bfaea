GRANT SELECT, INSERT, UPDATE ON pull_cursor TO zhizhi_gate;
